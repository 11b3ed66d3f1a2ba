import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '../..');

/** What each file imports, and the rule that it breaks; null where it breaks none. */
const files: readonly (readonly [file: string, imports: readonly string[], rule: string | null])[] =
  [
    ['src/cli.ts', ['./cli/run.js', './peer/peer.js', './vscode/view.js'], null],
    ['src/extension.ts', ['vscode', './control/attach.js'], null],
    ['src/cli/run.ts', ['../control/attach.js', '../control/contract.js', './rash.js'], null],
    ['src/cli/rash.ts', ['../store/disk.js'], 'layer-cli'],
    ['src/vscode/view.ts', ['vscode', '../control/server.js'], 'layer-vscode'],
    ['src/control/attach.ts', ['../common/words.js', 'node:net'], null],
    ['src/control/contract.ts', ['../common/words.js', '../cli.js'], 'no-import-of-a-root'],
    ['src/control/server.ts', ['../peer/peer.js'], null],
    ['src/peer/peer.ts', ['../net/wire.js', '../store/disk.js', 'vscode'], 'editor-in-its-layer'],
    ['src/net/wire.ts', ['../store/disk.js'], 'layer-net'],
    ['src/store/disk.ts', ['../chunk/code.js', '../net/wire.js'], 'layer-store'],
    ['src/protocol/message.ts', ['../chunk/code.js', 'node:net'], 'pure-layers'],
    ['src/chunk/code.ts', ['../protocol/message.js', 'node:crypto'], 'layer-chunk'],
    ['src/chunk/disk.ts', ['node:fs'], 'pure-layers'],
    ['src/common/words.ts', ['../chunk/disk.js', '../common/circle.js'], 'layer-common'],
    ['src/common/circle.ts', ['./words.js'], 'no-circular'],
    ['src/common/dead.ts', [], 'no-orphans'],
  ];

interface Report {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

describe('the layer check', () => {
  let folder: string;
  let found: readonly { from: string; to: string; rule: string }[];

  before(function () {
    this.timeout(60_000);
    folder = mkdtempSync(path.join(tmpdir(), 'layers-'));
    writeFileSync(path.join(folder, 'package.json'), '{"dependencies":{"vscode":"1"}}');
    writeFileSync(path.join(folder, 'tsconfig.json'), '{"compilerOptions":{"module":"esnext"}}');
    for (const [file, imports] of files) {
      const target = path.join(folder, file);
      mkdirSync(path.dirname(target), { recursive: true });
      const lines = imports.map((name, index) => `import * as i${index} from '${name}';`);
      writeFileSync(target, [...lines, 'export const used = true;', ''].join('\n'));
    }
    const cruise = spawnSync(
      process.execPath,
      [
        path.join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
        'src',
        '--config',
        path.join(repository, '.dependency-cruiser.cjs'),
        '--output-type',
        'json',
      ],
      { cwd: folder, encoding: 'utf8', timeout: 50_000 },
    );
    assert.ok(cruise.stdout.startsWith('{'), cruise.stderr);
    const report = JSON.parse(cruise.stdout) as Report;
    found = report.summary.violations.map(({ from, to, rule }) => ({ from, to, rule: rule.name }));
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [file, , rule] of files) {
    if (rule === null) {
      it(`lets ${file} pass`, () => {
        const broken = found.filter((violation) => violation.from === file);
        assert.deepEqual(
          broken.filter((violation) => !['no-circular', 'no-orphans'].includes(violation.rule)),
          [],
        );
      });
    } else {
      it(`refuses ${file} by ${rule}`, () => {
        const broken = found.filter(
          (violation) => violation.rule === rule && [violation.from, violation.to].includes(file),
        );
        assert.notDeepEqual(broken, []);
      });
    }
  }
});
