/**
 * Loaded into the peer under attack, and into each of its threads. On SIGUSR2 all of them collect their garbage, and it
 * writes `retained THREAD:N …` on stderr: the bytes that are still in use, in each heap and beside it. Pages that V8 keeps for later
 * are given back as well: an attack leaves 100 MiB of them, which are free, and would count as resident. What is resident
 * still tells of leaks only over a long time.
 */
'use strict';

const v8 = require('node:v8');
const vm = require('node:vm');
const { setImmediate } = require('node:timers');
const workers = require('node:worker_threads');

const channelName = 'chunk-partitioner.collect';
const question = 'collect';

/** Resolves to the bytes that are in use in this thread then. */
function collect() {
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('gc');
  const once = () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  once();
  return new Promise((resolve) => {
    // What is collected may hold what only another turn lets go.
    setImmediate(() => {
      once();
      const { heapUsed, external, arrayBuffers } = process.memoryUsage();
      // A thread keeps a table for each upload that is under way, of memory that nobody has touched: its length is what was
      // announced. As far as it is touched, what is resident tells.
      resolve(heapUsed + external - (workers.isMainThread ? 0 : arrayBuffers));
    });
  });
}

/** A thread answers each message with its number and its bytes, and does not live longer for that. */
function answer() {
  const channel = new workers.BroadcastChannel(channelName);
  channel.onmessage = ({ data }) => {
    if (data !== question) return; // another thread's answer
    void collect().then((bytes) => {
      channel.postMessage({ thread: workers.threadId, bytes });
    });
  };
  channel.unref();
}

/** Threads that run, with what ends the wait for each. */
const running = new Map();

function watchThreads() {
  workers.Worker = class extends workers.Worker {
    constructor(script, options = {}) {
      super(script, {
        ...options,
        execArgv: ['--require', __filename, ...(options.execArgv ?? [])],
      });
      const { threadId } = this;
      running.set(threadId, () => {});
      this.once('exit', () => {
        running.get(threadId)(0);
        running.delete(threadId);
      });
    }
  };
}

/** Resolves to `THREAD:N` for each thread, this one first; one that ends meanwhile uses nothing. */
async function collectEverywhere() {
  const channel = new workers.BroadcastChannel(channelName);
  channel.onmessage = ({ data }) => running.get(data.thread)?.(data.bytes);
  const answers = [...running.keys()].map(
    (thread) =>
      new Promise((resolve) => running.set(thread, (bytes) => resolve(`${thread}:${bytes}`))),
  );
  channel.postMessage(question);
  try {
    return [`${workers.threadId}:${await collect()}`, ...(await Promise.all(answers))];
  } finally {
    channel.close();
  }
}

if (process.platform !== 'win32') {
  if (workers.isMainThread) {
    watchThreads();
    process.on('SIGUSR2', () => {
      void collectEverywhere().then((threads) => {
        process.stderr.write(`retained ${threads.join(' ')}\n`);
      });
    });
  } else {
    answer();
  }
}
