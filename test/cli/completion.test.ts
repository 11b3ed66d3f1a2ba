import assert from 'node:assert/strict';
import { FakeClient, runCli } from './fakes.js';

/** The library prints with console.log. */
async function printed(args: readonly string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const original = console.log;
  console.log = (line: string) => lines.push(line);
  try {
    const { code } = await runCli(args, new FakeClient({}));
    return { code, text: lines.join('\n') };
  } finally {
    console.log = original;
  }
}

describe('completion', () => {
  for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
    it(`prints a script for ${shell}`, async () => {
      const { code, text } = await printed(['completion', shell]);
      assert.equal(code, 0);
      assert.match(text, /chunk-partitioner['" ]+complete['" ]+--/);
    });
  }

  it('knows the verbs and their options', async () => {
    const verbs = await printed(['complete', '--', '']);
    for (const verb of ['share', 'get', 'verify', 'map']) {
      assert.match(verbs.text, new RegExp(`^${verb}\\t`, 'm'));
    }
    const options = await printed(['complete', '--', 'get', '--f']);
    assert.match(options.text, /^--force\t/m);
  });

  it('refuses a shell that it does not know with exit 2', async () => {
    assert.equal((await runCli(['completion', 'tcl'], new FakeClient({}))).code, 2);
  });
});
