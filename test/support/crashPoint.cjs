/**
 * Names every call by which a process makes something durable, and can end the process by SIGKILL right before or right
 * after one of them. Load it with `node --require`, or NODE_OPTIONS. As long as there is no file of the name in
 * CRASH_POINT_FILE, nothing happens. What is in that file, JSON, says what does:
 *
 *     {}                                             the names are written to that file's name with `.log`, one a line
 *     { "point": name, "nth": 2, "when": "before" }  and the process dies before (or "after") the second call of that name
 *
 * "After" is when the call has come to its end, and nobody has been told. A name is the call and the path below the data
 * directory, with ids and numbers made alike: `fsyncSync staging/ID.N.shard.tmp`. That directory, and whatever else is to be
 * looked at, lies two folders below the one that holds the folder of CRASH_POINT_FILE.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const workers = require('node:worker_threads');
const { syncBuiltinESMExports } = require('node:module');

const marker = Symbol.for('chunk-partitioner.crashPoint');
const file = process.env.CRASH_POINT_FILE;

const real = { ...fs };
/** Threads of the store have no environment to take it from. */
const top = file === undefined ? '' : path.dirname(path.dirname(file));

/** The order that is there for this process; null as long as there is none. */
function order() {
  try {
    return JSON.parse(real.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Appends a name to the log. @returns how often it has come by now, in all threads */
function count(name) {
  const log = real.openSync(`${file}.log`, 'a');
  real.writeSync(log, `${name}\n`);
  real.closeSync(log);
  const names = real.readFileSync(`${file}.log`, 'utf8').split('\n');
  return names.filter((one) => one === name).length;
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  // The signal is there before the call returns; this is for the threads that it does not interrupt at once.
  for (;;);
}

/** Tells that a call begins. @returns whether the process dies at its end */
function begins(name) {
  const wanted = name === null ? null : order();
  if (wanted === null) return false;
  const times = count(name);
  // More than that, when two threads have come at once.
  if (wanted.point !== name || times < wanted.nth) return false;
  if (wanted.when === 'before') die();
  return true;
}

/** Null for what lies elsewhere: nobody looks at it after a crash. */
function nameOf(where) {
  if (typeof where !== 'string') return null;
  const [group, folder, ...rest] = path.relative(top, where).split(path.sep);
  if (group === '..' || folder === undefined || rest.length === 0) return null;
  return rest
    .join('/')
    .replace(/^shards\/[0-9a-f]{2}(?=\/|$)/, 'shards/XX')
    .replace(/[0-9a-f]{8,}/g, 'ID')
    .replace(/\d+/g, 'N');
}

/** The same of an open file; null for one that is no file. */
function nameOfOpen(fd) {
  try {
    return nameOf(real.readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return null;
  }
}

const at = (call, where) => (where === null ? null : `${call} ${where}`);
const between = (call, from, to) => (from === null ? null : `${call} ${from} -> ${to}`);

const byPath = (call) => (where) => at(call, nameOf(where));
const byPaths = (call) => (from, to) => between(call, nameOf(from), nameOf(to));
const byFile = (call) => (fd) => at(call, nameOfOpen(fd));

/** Reading makes nothing durable. */
function byFlags(call) {
  const { O_CREAT, O_TRUNC } = fs.constants;
  return (where, flags) => {
    const writes =
      typeof flags === 'number' ? (flags & (O_CREAT | O_TRUNC)) !== 0 : /^[wa]/.test(flags);
    return writes ? at(call, nameOf(where)) : null;
  };
}

const paths = ['unlink', 'rm', 'rmdir', 'mkdir', 'truncate'];
const pairs = ['rename', 'link'];
const files = ['fsync', 'fdatasync', 'ftruncate', 'write'];

/** Everything that is looked at, by the name of its function: how a call of it is named. */
const points = new Map([
  ...paths.map((call) => [call, byPath]),
  ...pairs.map((call) => [call, byPaths]),
  ...files.map((call) => [call, byFile]),
  ['symlink', (call) => (_target, where) => at(call, nameOf(where))],
  ['open', byFlags],
]);

/** Puts a function in the place of another, with all that hangs on it (`util.promisify` looks there). */
function replace(target, name, make) {
  const original = target[name];
  if (typeof original !== 'function') return;
  const replacement = make(original);
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype') continue;
    Object.defineProperty(replacement, key, Object.getOwnPropertyDescriptor(original, key));
  }
  target[name] = replacement;
}

function wrapSync(target, name, naming) {
  replace(target, name, (original) => {
    return function (...args) {
      const isLast = begins(naming.apply(this, args));
      try {
        return Reflect.apply(original, this, args);
      } finally {
        if (isLast) die();
      }
    };
  });
}

function wrapCallback(target, name, naming) {
  replace(target, name, (original) => {
    return function (...args) {
      if (begins(naming.apply(this, args))) args.splice(-1, 1, die);
      return Reflect.apply(original, this, args);
    };
  });
}

function wrapPromise(target, name, naming) {
  replace(target, name, (original) => {
    return async function (...args) {
      const isLast = begins(naming.apply(this, args));
      try {
        return await Reflect.apply(original, this, args);
      } finally {
        if (isLast) die();
      }
    };
  });
}

function wrapFiles() {
  for (const [name, naming] of points) {
    wrapSync(fs, `${name}Sync`, naming(`${name}Sync`));
    wrapCallback(fs, name, naming(name));
    if (name !== 'open') wrapPromise(fs.promises, name, naming(name));
  }
  wrapHandles();
}

/** The class of file handles is nowhere to be had but from one of them. */
function wrapHandles() {
  const byHandle = (call) =>
    function () {
      return at(call, nameOfOpen(this.fd));
    };
  let isWrapped = false;
  wrapPromise(fs.promises, 'open', byFlags('open'));
  replace(fs.promises, 'open', (original) => {
    return async function (...args) {
      const handle = await Reflect.apply(original, this, args);
      if (!isWrapped) {
        isWrapped = true;
        const prototype = Object.getPrototypeOf(handle);
        for (const name of ['sync', 'datasync', 'truncate', 'write', 'writeFile']) {
          wrapPromise(prototype, name, byHandle(name));
        }
      }
      return handle;
    };
  });
}

/** Most transactions only read, and commit nothing. */
function wrapDatabase() {
  const { DatabaseSync } = require('node:sqlite');
  const changes = new WeakMap();
  wrapSync(DatabaseSync.prototype, 'exec', function (sql) {
    if (sql !== 'COMMIT') return null;
    const { count } = this.prepare('SELECT total_changes() AS count').get();
    if (changes.get(this) === count) return null;
    changes.set(this, count);
    return at(sql, nameOf(this.location()));
  });
}

/** Threads that are started without this process's options and environment have points all the same. */
function wrapThreads() {
  workers.Worker = class extends workers.Worker {
    constructor(script, options = {}) {
      const { execArgv, env } = options;
      const isOwn = execArgv !== undefined || (typeof env === 'object' && env !== null);
      const own = {
        execArgv: ['--require', __filename, ...(execArgv ?? [])],
        env: { ...(env ?? process.env), CRASH_POINT_FILE: file },
      };
      super(script, isOwn ? { ...options, ...own } : options);
    }
  };
}

if (file !== undefined && !globalThis[marker]) {
  Object.defineProperty(globalThis, marker, { value: true });
  wrapFiles();
  wrapDatabase();
  wrapThreads();
  // `import { rename } from 'node:fs/promises'` sees a copy of the exports: it is refreshed here.
  syncBuiltinESMExports();
}
