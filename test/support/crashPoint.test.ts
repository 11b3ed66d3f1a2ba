import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const preload = resolve(import.meta.dirname, 'crashPoint.cjs');

/** One durable step after the other, by each kind of call that there is. */
const steps = `
  const fs = require('node:fs');
  const { DatabaseSync } = require('node:sqlite');
  const inFolder = (name) => require('node:path').join(process.argv[1] ?? folder, name);
  const fd = fs.openSync(inFolder('one.tmp'), 'w');
  fs.writeSync(fd, 'one');
  fs.fsyncSync(fd);
  fs.renameSync(inFolder('one.tmp'), inFolder('one'));
  fs.fdatasync(fd, async () => {
    await fs.promises.rename(inFolder('one'), inFolder('0123456789abcdef.7.shard'));
    const database = new DatabaseSync(inFolder('state.db'));
    database.exec('BEGIN');
    database.exec('CREATE TABLE a (b)');
    database.exec('INSERT INTO a VALUES (1)');
    database.exec('COMMIT');
    database.exec('BEGIN');
    database.exec('COMMIT');
    database.close();
  });
`;
const names = [
  'openSync one.tmp',
  'writeSync one.tmp',
  'fsyncSync one.tmp',
  'renameSync one.tmp -> one',
  'fdatasync one',
  'rename one -> ID.N.shard',
  'COMMIT state.db',
];

describe('crash points', () => {
  let top: string;
  let folder: string;
  let file: string;
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'crash-point-test-'));
    folder = join(top, 'group', 'peer');
    file = join(top, 'orders', 'peer');
    mkdirSync(folder, { recursive: true });
    mkdirSync(join(top, 'orders'));
  });
  afterEach(() => {
    rmSync(top, { recursive: true });
  });

  /** @returns the signal that ended the process */
  const run = (order: unknown, script = steps): NodeJS.Signals | null => {
    if (order !== null) writeFileSync(file, JSON.stringify(order));
    const args = ['--require', preload, '-e', script, folder];
    const env = { ...process.env, CRASH_POINT_FILE: file };
    const { signal, status, stderr } = spawnSync(process.execPath, args, { env });
    assert.ok(signal !== null || status === 0, stderr.toString());
    return signal;
  };
  const written = (): string[] => readFileSync(`${file}.log`, 'utf8').trimEnd().split('\n');

  it('are none as long as nobody asks for them', () => {
    assert.equal(run(null), null);
    assert.ok(!existsSync(`${file}.log`));
  });

  it('are named in their order; a transaction that only reads is none', () => {
    assert.equal(run({}), null);
    assert.deepEqual(written(), names);
  });

  it('end the process before or after the call, and not at another one of its name', () => {
    const renaming = 'renameSync one.tmp -> one';
    for (const point of names) {
      for (const when of point === renaming ? ['before', 'after'] : ['after']) {
        rmSync(`${file}.log`, { force: true });
        rmSync(folder, { recursive: true });
        mkdirSync(folder);
        assert.equal(run({ point, nth: 1, when }), 'SIGKILL', point);
        assert.equal(written().at(-1), point);
        if (point === renaming) assert.equal(existsSync(join(folder, 'one')), when === 'after');
      }
    }
    rmSync(`${file}.log`);
    rmSync(join(folder, 'state.db'));
    assert.equal(run({ point: renaming, nth: 2, when: 'before' }), null);
  });

  it('are those of threads, too, which are given neither options nor an environment', () => {
    const thread = `
      const { Worker } = require('node:worker_threads');
      const code = 'const folder = ' + JSON.stringify(process.argv[1]) + '; process.argv.length = 1;' + ${JSON.stringify(steps)};
      new Worker(code, { eval: true, execArgv: [], env: {} });
    `;
    assert.equal(run({}, thread), null);
    assert.deepEqual(written(), names);
    assert.equal(run({ point: 'fsyncSync one.tmp', nth: 2, when: 'after' }, thread), 'SIGKILL');
  });
});
