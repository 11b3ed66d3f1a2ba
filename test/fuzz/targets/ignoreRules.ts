import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import { IgnoreRules } from '../../../src/peer/jobs/ignoreRules.js';
import { decodeLoosely } from '../decodeLoosely.js';
import { scratchFolder } from '../scratch.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

/** Time grows by the third power of the depth, with as many gaps in a rule as are taken. */
const deepest = 100;

/** CBOR `[rules, rules of a folder below, path]`: of a repository that somebody else wrote. */
export const ignoreRules: FuzzTarget = {
  name: 'ignore-rules',
  seeds: () => [
    encodeCbor(['*.log\n!keep.log\nbuild/\n/a/**/b\n', '/x\n\\#y\n[ab]?*.c\n', 'a/b/c.log']),
    encodeCbor(['**/a/**/a/*b', 'a*a*a*b', `${'a/'.repeat(120)}a`]),
    encodeCbor(['# none\n\\!a \n', '', 'aaaaaaaaaaaaaaaaaaaaaaaa']),
  ],
  run: (input) => {
    const list = decodeLoosely(input);
    const [outer, inner, file] = (Array.isArray(list) ? list : []).map(String);
    const top = path.join(scratchFolder(), 'rules');
    mkdirSync(path.join(top, 'below'), { recursive: true });
    mkdirSync(path.join(top, '.git'), { recursive: true });
    writeFileSync(path.join(top, '.gitignore'), outer ?? '');
    writeFileSync(path.join(top, 'below', '.gitignore'), inner ?? '');
    const names = (file ?? '').split('/').filter((name) => !/^\.{0,2}$/.test(name));
    names.splice(deepest);
    unlessRefused(['limit'], () => {
      let rules = IgnoreRules.of(top);
      rules = rules.enter(path.join(top, 'below'), 'below');
      const last = names.pop();
      for (const name of names) rules = rules.enter(path.join(top, 'nowhere'), name);
      if (last !== undefined) for (const isFolder of [false, true]) rules.ignores(last, isFolder);
    });
  },
};
