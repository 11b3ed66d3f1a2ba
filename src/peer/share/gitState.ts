import { execFile } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { devNull } from 'node:os';
import path from 'node:path';
import { isGitState, type GitState } from '../../chunk/tree.js';
import { gitLimits } from '../limits.js';

/**
 * What a repository can have git run while it only looks. The settings that are known are switched off on the command
 * line; filters have names of their own.
 */
const ownProgram = /^filter\..*\.(clean|smudge|process)$/i;
const harmless = [
  'core.fsmonitor=false',
  `core.hooksPath=${devNull}`,
  'safe.bareRepository=explicit', // nor what only looks like one
];
const commonOptions = ['--no-optional-locks', ...harmless.flatMap((setting) => ['-c', setting])];

/**
 * Commit and branch that are checked out where a file or folder lies, and whether tracked files of the repository differ
 * from the commit. Null outside of repositories, before the first commit, and wherever git is not there, does not answer
 * in time, or would run a program that only this repository names: one that came in an archive may be hostile.
 */
export async function gitStateOf(file: string, signal?: AbortSignal): Promise<GitState | null> {
  try {
    const real = realpathSync(file);
    const folder = statSync(real).isDirectory() ? real : path.dirname(real);
    const top = repositoryOf(folder);
    if (top === null || (await hasOwnPrograms(folder, signal))) return null;
    const { printed } = await git(folder, signal, [
      'status',
      '--porcelain=v2',
      '--branch',
      '--untracked-files=no',
      '--ignore-submodules=all',
    ]);
    return readStatus(printed, folderOf(real, top));
  } catch {
    return null; // the share is what matters
  }
}

/** Out of `git status --porcelain=v2 --branch`. */
export function readStatus(printed: string, folder: string | null): GitState | null {
  const lines = printed.split('\n').filter((line) => line !== '');
  const header = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length);
  const branch = header('head') ?? '(detached)';
  const state = {
    commit: header('oid') ?? '',
    branch: branch === '(detached)' ? null : branch,
    dirty: lines.some((line) => !line.startsWith('# ')),
    folder,
  };
  // Before the first commit there is none; branches and folders may have names of any length.
  const told = [
    state,
    { ...state, branch: null },
    { ...state, folder: null },
    { ...state, branch: null, folder: null },
  ];
  return told.find(isGitState) ?? null;
}

/** Its top folder. Looked for here first: a process costs more than a share of a small file. */
function repositoryOf(folder: string): string | null {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return at;
    if (path.dirname(at) === at) return null;
  }
}

/** See {@link GitState.folder}. */
function folderOf(file: string, top: string): string {
  return file === top ? '' : path.relative(top, path.dirname(file)).split(path.sep).join('/');
}

/** Whether the settings of the repository itself name filters. To list settings runs nothing. */
async function hasOwnPrograms(folder: string, signal: AbortSignal | undefined): Promise<boolean> {
  const { printed, isCut } = await git(folder, signal, [
    'config',
    '--list',
    '--includes',
    '--show-scope',
    '--name-only',
    '-z',
  ]);
  if (isCut) return true; // for all that is known
  const words = printed.split('\0');
  return words.some((name, at) => {
    const scope = words[at - 1];
    return (scope === 'local' || scope === 'worktree') && ownProgram.test(name);
  });
}

interface Output {
  readonly printed: string;
  /** There was more. */
  readonly isCut: boolean;
}

/** What git prints, or the beginning of it. @throws when git is not there, fails, or is too slow */
function git(
  folder: string,
  signal: AbortSignal | undefined,
  args: readonly string[],
): Promise<Output> {
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      ['-C', folder, ...commonOptions, ...args],
      {
        // Windows looks for programs in the working directory first: a repository might bring its own.
        cwd: path.dirname(process.execPath),
        env: gitEnvironment(),
        timeout: gitLimits.answerMs,
        killSignal: 'SIGKILL',
        maxBuffer: gitLimits.outputBytes,
        windowsHide: true,
        signal,
      },
      (error, stdout) => {
        const isCut = error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
        if (error === null || isCut) resolve({ printed: stdout, isCut });
        else reject(new Error(error.message, { cause: error }));
      },
    );
  });
}

/**
 * Without what would point git elsewhere; nothing is asked, and nothing fetched: a repository names what git runs to fetch
 * an object that it lacks. Settings would not do, since those of the repository that name a protocol come before one for
 * all of them, and an older git knows no other way to leave the objects alone.
 */
function gitEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name));
  return {
    ...Object.fromEntries(own),
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}
