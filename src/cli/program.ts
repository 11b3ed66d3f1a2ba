import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import * as z from 'zod';
import { PeerError } from '../common/errors.js';
import { addCompletionVerbs } from './completion.js';
import type { CliDeps } from './deps.js';
import { exitCodeOf, exitCodes } from './exitCodes.js';
import { Output } from './output.js';
import type { Verb } from './verb.js';
import { verbs } from './verbs/table.js';

/** The terminal: parses a command line, runs its verb, and says how it ended. */
export interface Program {
  /** @param args without the program's own name. @returns the exit code; never rejects. */
  run(args: readonly string[]): Promise<number>;
}

const commonSchema = z.object({ dataDir: z.string().optional(), json: z.boolean().default(false) });

/** @throws nothing: failures are printed, and become exit codes (see {@link exitCodeOf}). */
export function createProgram(deps: CliDeps): Program {
  return { run: (args) => new Run(deps).run(args) };
}

/** One command line: commander keeps what it parsed, so every run gets its own. */
class Run {
  readonly #usage: string[] = [];
  #exitCode: number = exitCodes.ok;

  constructor(private readonly deps: CliDeps) {}

  async run(args: readonly string[]): Promise<number> {
    try {
      await this.#program().parseAsync([...args], { from: 'user' });
      return this.#exitCode;
    } catch (error) {
      if (error instanceof CommanderError) return this.#usageError(error, args);
      return this.#fail(error, this.#output(args.includes('--json')));
    }
  }

  #program(): Command {
    const { deps } = this;
    const program = new Command('chunk-partitioner')
      .description('Shares files between the machines of a team, without a cloud.')
      .version(deps.version, '-V, --version')
      .exitOverride()
      // “get NAME --version 1” is of the verb.
      .enablePositionalOptions()
      .configureOutput({
        writeOut: (text) => deps.stdout.write(text),
        writeErr: (text) => this.#usage.push(text),
        getOutHasColors: () => false,
      })
      .addHelpText(
        'after',
        '\nExit codes: 0 ok, 1 other, 2 usage, 3 not found, 4 too few peers, 5 integrity, 6 not trusted,\n7 exists, 130 interrupted. “chunk-partitioner VERB --help” explains a verb.',
      );
    addCommonOptions(program);
    for (const verb of verbs) this.#add(program, verb);
    addCompletionVerbs(program);
    return program;
  }

  #add(program: Command, verb: Verb): void {
    const command = program.command(verb.syntax, { hidden: verb.hidden ?? false });
    command.description(verb.summary);
    verb.configure?.(command);
    addCommonOptions(command);
    if (verb.help !== undefined) command.addHelpText('after', `\n${verb.help}`);
    command.action(async () => {
      const options: unknown = command.optsWithGlobals();
      const { dataDir, json } = commonSchema.parse(options);
      const output = this.#output(json);
      try {
        this.#exitCode = await verb.run(
          {
            deps: this.deps,
            dataDir: resolve(this.deps.cwd, dataDir ?? this.deps.defaultDataDir()),
            output,
          },
          command.args,
          options,
        );
      } catch (error) {
        this.#exitCode = this.#fail(error, output);
      }
    });
  }

  #output(json: boolean): Output {
    const { stdout, stderr, env } = this.deps;
    return new Output({ json, stdout, stderr, env });
  }

  #fail(thrown: unknown, output: Output): number {
    const isTold = !this.deps.signal.aborted || PeerError.is(thrown, 'cancelled');
    const error = isTold
      ? PeerError.from(thrown)
      : new PeerError('cancelled', 'Interrupted.', { cause: thrown });
    output.fail(error);
    return exitCodeOf(error.code);
  }

  /** Help and the version count as success; everything else that commander refuses is a usage error. */
  #usageError(error: CommanderError, args: readonly string[]): number {
    if (error.exitCode === 0) return exitCodes.ok;
    const json = args.includes('--json');
    if (error.code === 'commander.help' && !json) {
      this.deps.stderr.write(this.#usage.join(''));
      return exitCodes.usage;
    }
    const message = error.code === 'commander.help' ? 'No verb was given.' : plain(error.message);
    this.#output(json).fail(
      new PeerError('usage', message, {
        hint: 'Run “chunk-partitioner --help” for how it is used.',
      }),
    );
    return exitCodes.usage;
  }
}

function addCommonOptions(command: Command): void {
  command
    .option('--data-dir <dir>', 'data directory of the peer (default: that of this user)')
    .option('--json', 'print newline-delimited JSON, the result last');
}

/** Commander's sentence without its own prefix, starting upper-case. */
function plain(message: string): string {
  const text = message.replace(/^error: /, '').replace(/\n\s*/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
