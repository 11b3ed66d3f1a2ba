import { format } from 'node:util';
import type * as vscode from 'vscode';
import type { Logger } from '../common/logger.js';

/** The log port over the editor's own log channel. */
export function outputLogger(channel: vscode.LogOutputChannel): Logger & { show(): void } {
  const line = (message: string, facts: readonly unknown[]): string => format(message, ...facts);
  return {
    debug: (message, ...facts) => {
      channel.debug(line(message, facts));
    },
    info: (message, ...facts) => {
      channel.info(line(message, facts));
    },
    warn: (message, ...facts) => {
      channel.warn(line(message, facts));
    },
    error: (message, ...facts) => {
      channel.error(line(message, facts));
    },
    show: () => {
      channel.show(true);
    },
  };
}
