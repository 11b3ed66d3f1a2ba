/**
 * Loaded into the peer under attack. On SIGUSR2 it collects its garbage and writes `retained N` on stderr: the bytes that are
 * still in use, in the heap and beside it. Pages that V8 keeps for later are given back as well: an attack leaves 100 MiB of
 * them, which are free, and would count as resident. What is resident still tells of leaks only over a long time.
 */
'use strict';

const v8 = require('node:v8');
const vm = require('node:vm');
const { setImmediate } = require('node:timers');
const { isMainThread } = require('node:worker_threads');

if (isMainThread && process.platform !== 'win32') {
  process.on('SIGUSR2', () => {
    v8.setFlagsFromString('--expose-gc');
    const gc = vm.runInNewContext('gc');
    const collect = () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    // What is collected may hold what only another turn lets go.
    collect();
    setImmediate(() => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      process.stderr.write(`retained ${heapUsed + external}\n`);
    });
  });
}
