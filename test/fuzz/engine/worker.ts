/** The thread in which targets are tried, one after the other: it may hang, or run out of memory. */
import { parentPort, workerData } from 'node:worker_threads';
import { addToCorpus, readCorpus } from '../corpus.js';
import { decoderBounds } from './bounds.js';
import { Coverage } from './coverage.js';
import { Fuzzer, FuzzFinding } from './fuzzer.js';
import { countBlocks } from './instrument.js';
import type { FuzzMessage, FuzzTask } from './messages.js';
import { Random } from './random.js';
import { Watch } from './watch.js';

const task = workerData as FuzzTask;
// Before anything of the product is loaded.
const counters = countBlocks();
const { targets } = await import('../targets/table.js');

for (const name of task.targets) {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) continue;
  const coverage = new Coverage(counters);
  counters.fill(0);
  const watch = new Watch(task.watched);
  const fuzzer = new Fuzzer(target, {
    ...{ random: new Random(task.seed), bounds: decoderBounds, coverage, blind: task.blind },
    onTry: (input) => {
      watch.tell(input);
    },
    onNew: (input) => {
      if (task.keeps) addToCorpus(name, input);
    },
  });
  const started = performance.now();
  let finding: FuzzFinding | undefined;
  let first = 0;
  post({ kind: 'begun', target: name });
  try {
    await fuzzer.begin(task.keeps ? readCorpus(name) : []);
    first = coverage.size;
    while (performance.now() - started < task.seconds * 1000) await fuzzer.step();
  } catch (error) {
    if (!(error instanceof FuzzFinding)) throw error;
    finding = error;
  }
  post({
    ...{ kind: 'done', target: name, runs: fuzzer.runs, corpus: fuzzer.corpus.length },
    ...{ blocksAtFirst: first, blocks: coverage.size },
    ...(finding && { finding: { input: finding.input, reason: finding.message } }),
  });
}

function post(message: FuzzMessage): void {
  parentPort?.postMessage(message);
}
