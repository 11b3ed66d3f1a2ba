import type { Logger } from '../common/logger.js';
import type { TextSink } from './deps.js';

const levels = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof levels)[number];

/** Diagnostics of a peer in the terminal, one line each; from warnings on unless a level is asked for. */
export function stderrLogger(sink: TextSink, wanted = 'warn'): Logger {
  const least = Math.max(0, levels.indexOf(wanted as Level));
  const at =
    (level: Level) =>
    (message: string, ...facts: readonly unknown[]): void => {
      if (levels.indexOf(level) < least) return;
      const text = facts.map((fact) => (fact instanceof Error ? fact.message : String(fact)));
      sink.write(`${new Date().toISOString()} ${level} ${[message, ...text].join(' ')}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
