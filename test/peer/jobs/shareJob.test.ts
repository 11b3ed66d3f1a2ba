import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import type { EncodedMessage, FromWorker, OpenedMessage } from '../../../src/peer/jobs/messages.js';
import { ShareJob } from '../../../src/peer/jobs/shareJob.js';
import { loadKernel } from '../../chunk/loadKernel.js';
import { noise } from '../../chunk/expect.js';

/** Lends the memory of so many more segments. */
function grant(job: ShareJob, count: number): void {
  for (let slot = 0; slot < count; slot += 1) job.take({ type: 'more', slot });
}

describe('ShareJob', () => {
  const kernel = loadKernel();
  let folder: string;
  let source: string;
  let job: ShareJob | undefined;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'share-job-'));
    source = path.join(folder, 'source.bin');
  });
  afterEach(() => {
    job?.close();
    job = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  function start(
    k = 2,
    m = 1,
    journal: string | null = null,
  ): { job: ShareJob; posted: FromWorker[] } {
    const posted: FromWorker[] = [];
    const started = new ShareJob(
      {
        kind: 'share',
        path: source,
        name: 'source.bin',
        ignore: true,
        allowSecrets: false,
        git: null,
        shareId: new Uint8Array(16).fill(1),
        contentKey: new Uint8Array(32).fill(2),
        k,
        m,
        journal,
      },
      kernel,
      (message) => posted.push(message),
    );
    job = started;
    return { job: started, posted };
  }

  const code = (task: () => unknown): string => {
    try {
      task();
    } catch (error) {
      return PeerError.from(error).code;
    }
    return 'none';
  };

  it('produces as many segments as it has memory for, then the roots', () => {
    const content = noise(3_000_000);
    writeFileSync(source, content);
    const { job, posted } = start();
    const opened = posted[0] as OpenedMessage;
    assert.equal(opened.type, 'opened');
    assert.equal(opened.geometry.segments, 3);
    grant(job, 2);
    const encoded = posted.slice(1) as EncodedMessage[];
    assert.deepEqual(
      encoded.map(({ type, segment }) => [type, segment]),
      [
        ['encoded', 0],
        ['encoded', 1],
      ],
    );
    assert.ok(encoded.every(({ pieces }) => pieces.length === 3));
    grant(job, 5);
    const last = posted.at(-1);
    assert.ok(last?.type === 'shared');
    assert.equal(last.roots.length, 3);
    assert.deepEqual(Buffer.from(last.sha256), createHash('sha256').update(content).digest());
    assert.equal((posted.at(-2) as EncodedMessage).done, 3_000_000);
  });

  it('gives one piece a segment for copies, and shares nothing as one segment', () => {
    writeFileSync(source, '');
    const { job, posted } = start(1, 3);
    grant(job, 1);
    assert.deepEqual(
      posted.map(({ type }) => type),
      ['opened', 'encoded', 'shared'],
    );
    assert.equal((posted[1] as EncodedMessage).pieces.length, 1);
  });

  describe('with a journal', () => {
    const encodedBy = (journal: string | null): EncodedMessage[] => {
      const { job, posted } = start(2, 1, journal);
      grant(job, 20);
      job.close();
      return posted.filter((message) => message.type === 'encoded');
    };
    const piecesOf = (encoded: readonly EncodedMessage[]): Buffer[] =>
      encoded.flatMap(({ pieces }) => pieces.map((piece) => Buffer.from(piece)));
    let journal: string;
    let content: Uint8Array;
    beforeEach(() => {
      journal = path.join(folder, 'journal');
      content = noise(11_000_000);
      writeFileSync(source, content);
    });

    it('makes the same pieces again, as far as an earlier run has come, and others behind', () => {
      const { job: first, posted } = start(2, 1, journal);
      grant(first, 4);
      const before = piecesOf(posted.filter((message) => message.type === 'encoded'));
      first.close();
      const after = piecesOf(encodedBy(journal));
      assert.equal(before.length, 3 * 4);
      assert.deepEqual(after.slice(0, 12), before);
      const again = piecesOf(encodedBy(journal));
      assert.deepEqual(again, after);
      rmSync(journal);
      const anew = piecesOf(encodedBy(journal));
      assert.ok(anew.every((piece, at) => !piece.equals(after[at] ?? Buffer.alloc(0))));
    });

    it('notices that a segment is not what was sent, and makes no pieces of it', () => {
      encodedBy(journal);
      content[5_000_000] = (content[5_000_000] ?? 0) ^ 1;
      writeFileSync(source, content);
      const { job, posted } = start(2, 1, journal);
      assert.equal(
        code(() => {
          grant(job, 20);
        }),
        'source-changed',
      );
      assert.equal(posted.filter(({ type }) => type === 'encoded').length, 4);
    });

    it('keeps none for what is soon done again', () => {
      writeFileSync(source, content.subarray(0, 3_000_000));
      encodedBy(journal);
      assert.ok(!existsSync(journal));
    });
  });

  const changes: [string, () => void][] = [
    [
      'grows',
      () => {
        appendFileSync(source, 'x');
      },
    ],
    [
      'shrinks',
      () => {
        truncateSync(source, 1000);
      },
    ],
    [
      'is written to in place',
      () => {
        writeFileSync(source, noise(2_500_000), { flag: 'r+' });
      },
    ],
    [
      'is touched',
      () => {
        utimesSync(source, 1, 1);
      },
    ],
  ];
  for (const [what, change] of changes) {
    it(`notices that the file ${what} while it is read`, () => {
      writeFileSync(source, noise(2_500_000));
      const { job, posted } = start();
      grant(job, 1);
      change();
      assert.equal(
        code(() => {
          grant(job, 9);
        }),
        'source-changed',
      );
      assert.ok(posted.every(({ type }) => type !== 'shared'));
    });
  }

  it('goes on with the file that it opened when another takes its name', () => {
    writeFileSync(source, noise(10));
    const { job, posted } = start();
    const other = path.join(folder, 'other');
    writeFileSync(other, 'other');
    rmSync(source);
    symlinkSync(other, source);
    // The name is gone, so the time of the last change of the inode is another.
    const result = code(() => {
      grant(job, 9);
    });
    assert.equal(result, 'source-changed');
    assert.ok(posted.every(({ type }) => type !== 'shared'));
  });

  it('refuses an empty folder, and what is neither file nor folder, without waiting for it', () => {
    assert.equal(
      code(() => start()),
      'not-found',
    );
    mkdirSync(source);
    assert.equal(
      code(() => start()),
      'usage',
    );
    rmSync(source, { recursive: true });
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [source]);
    assert.equal(
      code(() => start()),
      'not-a-file',
    );
  });
});
