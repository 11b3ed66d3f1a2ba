import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { verbs } from '../../src/cli/verbs/table.js';
import { section, settingKeys } from '../../src/vscode/ids.js';

const repository = path.resolve(import.meta.dirname, '../..');
const readme = readFileSync(path.join(repository, 'README.md'), 'utf8');

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly title: string }[];
  };
}

/** First cells of the rows of the table whose head begins with this word. */
function firstCells(head: string): string[] {
  const lines = readme.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^\\| ${head} +\\|`).test(line));
  assert.ok(start >= 0, `README.md has no table of ${head}s`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((row) => row.split(/(?<!\\)\|/)[1]?.trim() ?? '');
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(path.join(repository, file), 'utf8'));
}

describe('the tables of README.md', () => {
  it('name every command of the editor by its title, and no other', () => {
    const words = read('package.nls.json') as Record<string, string>;
    const { contributes } = read('package.json') as Manifest;
    const titles = contributes.commands.map(({ title }) => words[title.slice(1, -1)] ?? title);
    const named = firstCells('command').flatMap((cell) =>
      [...cell.matchAll(/_([^_]+)_/g)].map((match) => match[1] ?? ''),
    );
    assert.deepEqual(named.sort(), [...new Set(titles)].sort());
  });

  it('name every setting, and no other', () => {
    const named = firstCells('setting').flatMap(codes);
    assert.deepEqual(named.sort(), settingKeys.map((key) => `${section}.${key}`).sort());
  });

  it('name every verb of the terminal, and no other', () => {
    const visible = verbs.filter(({ hidden }) => hidden !== true);
    const known = [...visible.map(({ syntax }) => firstWord(syntax)), 'completion'];
    assert.deepEqual(firstCells('verb').flatMap(codes).map(firstWord).sort(), known.sort());
  });

  function codes(cell: string): string[] {
    return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
  }

  function firstWord(text: string): string {
    return text.split(' ')[0] ?? '';
  }
});
