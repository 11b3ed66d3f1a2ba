import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { repository } from '../support/cliProcess.js';

const manifestSchema = z.object({
  activationEvents: z.array(z.string()),
  capabilities: z.object({
    untrustedWorkspaces: z.object({ restrictedConfigurations: z.array(z.string()) }),
  }),
  contributes: z
    .object({
      configuration: z.object({
        properties: z.record(z.string(), z.object({ scope: z.string() })),
      }),
    })
    .loose(),
});

// What it comes to in the editor, `test/vscode/inHost/untrusted.test.ts` shows.
describe('fault 35: an untrusted workspace changes no setting, and sets nothing going', () => {
  const { activationEvents, capabilities, contributes } = manifestSchema.parse(
    JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')),
  );

  it('every setting is of the machine, and restricted besides', () => {
    const { properties } = contributes.configuration;
    const { restrictedConfigurations } = capabilities.untrustedWorkspaces;
    assert.ok(Object.keys(properties).length > 0);
    for (const [name, { scope }] of Object.entries(properties)) {
      assert.equal(scope, 'machine', name);
      assert.ok(restrictedConfigurations.includes(name), name);
    }
  });

  it('nothing in a workspace activates anything', () => {
    // Beside these, only what the user opened, or had open.
    const opened = /^on(FileSystem|WebviewPanel):chunk/;
    assert.deepEqual(
      activationEvents.filter((event) => !opened.test(event)),
      ['onStartupFinished'],
    );
    // Kinds of tasks and editors are told, which activates nothing: they run, and open, when the user says so.
    for (const kind of ['tasks', 'debuggers', 'terminal']) {
      assert.ok(!(kind in contributes), kind);
    }
  });
});
