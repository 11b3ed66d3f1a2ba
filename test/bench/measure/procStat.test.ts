import assert from 'node:assert/strict';
import { descendants, parseLoopback, parsePeak, parseStat, treeSeconds } from './procStat.js';

function stat(pid: number, parent: number, own: number, children: number): string {
  const times = [own * 60, own * 40, children * 60, children * 40];
  return `${pid} (a (b) c) S ${parent} 1 1 0 -1 4194560 1 2 3 4 ${times.join(' ')} 20 0 11 0 999`;
}

describe('what the system tells of processes', () => {
  const all = [stat(1, 0, 9, 9), stat(10, 1, 5, 7), stat(11, 10, 1, 2), stat(12, 11, 3, 0)]
    .map(parseStat)
    .filter((one) => one !== null);

  it('reads times also where the name holds blanks and brackets', () => {
    assert.deepEqual(all[2], { pid: 11, parent: 10, ownSeconds: 1, childSeconds: 2 });
    assert.equal(parseStat(''), null);
  });

  it('adds up everything below a process, and its children that ended, not itself', () => {
    assert.deepEqual(
      descendants(all, 10).map(({ pid }) => pid),
      [11, 12],
    );
    assert.equal(treeSeconds(all, 10), 7 + 1 + 2 + 3);
  });

  it('finds the peak of memory, and the bytes that loopback sent', () => {
    assert.equal(parsePeak('Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n'), 2);
    assert.equal(parsePeak('Name:\tx\n'), null);
    const table = 'Inter-|\n face |bytes\n    lo: 1 2 0 0 0 0 0 0 77 2 0 0 0 0 0 0\n  eth0: 5 5\n';
    assert.equal(parseLoopback(table), 77);
  });
});
