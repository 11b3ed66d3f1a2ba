import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import {
  commandIds,
  contextKeys,
  mapViewType,
  rowKinds,
  section,
  settingKeys,
  sharedScheme,
  viewIds,
} from '../../src/vscode/ids.js';
import { repoRoot } from './host/hostPaths.js';
import { bundleFile, bundleText } from './l10n/strings.js';

const menuItem = z.union([
  z.object({ command: z.string(), when: z.string().optional() }),
  z.object({ submenu: z.string(), when: z.string().optional() }),
]);
const setting = z.object({ scope: z.string(), default: z.unknown() });
const view = z.object({ id: z.string(), icon: z.string() });
const manifestSchema = z.object({
  icon: z.string(),
  activationEvents: z.array(z.string()),
  extensionKind: z.array(z.string()),
  capabilities: z.object({
    untrustedWorkspaces: z.object({
      supported: z.literal('limited'),
      restrictedConfigurations: z.array(z.string()),
    }),
  }),
  contributes: z.object({
    commands: z.array(z.object({ command: z.string(), title: z.string(), category: z.string() })),
    submenus: z.array(z.object({ id: z.string(), label: z.string() })),
    menus: z.record(z.string(), z.array(menuItem)),
    views: z.record(z.string(), z.array(view)),
    viewsContainers: z.object({ activitybar: z.array(view) }),
    viewsWelcome: z.array(z.object({ view: z.string(), contents: z.string(), when: z.string() })),
    configuration: z.object({ properties: z.record(z.string(), setting) }),
  }),
});

const text = readFileSync(path.join(repoRoot, 'package.json'), 'utf8');
const manifest = manifestSchema.parse(JSON.parse(text));
const { contributes } = manifest;
const words = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(path.join(repoRoot, 'package.nls.json'), 'utf8')));

describe('package.json and the code', () => {
  it('name the same commands', () => {
    assert.deepEqual(
      contributes.commands.map(({ command }) => command).sort(),
      Object.values(commandIds).sort(),
    );
  });

  it('name a command file for every command', () => {
    const files = readdirSync(path.join(repoRoot, 'src', 'vscode', 'commands'));
    for (const name of Object.keys(commandIds)) assert.ok(files.includes(`${name}.ts`), name);
  });

  it('name the same views, in one container', () => {
    assert.deepEqual(Object.keys(contributes.views), [viewIds.container]);
    assert.deepEqual(
      (contributes.views[viewIds.container] ?? []).map(({ id }) => id),
      [viewIds.peers, viewIds.files, viewIds.transfers],
    );
  });

  it('name the same settings, all out of reach of a cloned repository', () => {
    const names = settingKeys.map((key) => `${section}.${key}`);
    const { properties } = contributes.configuration;
    assert.deepEqual(Object.keys(properties).sort(), [...names].sort());
    for (const name of names) assert.equal(properties[name]?.scope, 'machine', name);
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.deepEqual([...restrictedConfigurations].sort(), [...names].sort());
  });

  it('offer in menus only commands that exist', () => {
    const known = new Set<string>(Object.values(commandIds));
    for (const [menu, items] of Object.entries(contributes.menus)) {
      for (const item of items) {
        if ('command' in item) assert.ok(known.has(item.command), `${menu}: ${item.command}`);
      }
    }
    for (const contents of Object.values(words)) {
      for (const [, command] of contents.matchAll(/\(command:([^)]+)\)/g)) {
        assert.ok(known.has(command ?? ''), `welcome: ${String(command)}`);
      }
    }
  });

  it('fill every submenu that a menu has', () => {
    const used = Object.values(contributes.menus)
      .flat()
      .flatMap((item) => ('submenu' in item ? [item.submenu] : []));
    const made = contributes.submenus.map(({ id }) => id);
    assert.deepEqual([...new Set(used)].sort(), [...made].sort());
    for (const id of made) assert.ok((contributes.menus[id] ?? []).length > 0, id);
  });

  it('use in conditions only context keys, views and row kinds that the code sets', () => {
    const keys = new Set<string>([...contextKeys, ...Object.values(viewIds)]);
    const kinds = new Set<string>(Object.values(rowKinds));
    for (const when of conditions()) {
      for (const [name] of when.matchAll(/chunkPartitioner\.\w+/g)) {
        assert.ok(keys.has(name), `${name} in: ${when}`);
      }
      for (const [, kind] of when.matchAll(/viewItem == ([\w.]+)/g)) {
        assert.ok(kinds.has(kind ?? ''), `${String(kind)} in: ${when}`);
      }
    }
  });

  it('hide from the palette the commands that need a row', () => {
    const hidden = (contributes.menus['commandPalette'] ?? [])
      .filter(({ when }) => when === 'false')
      .flatMap((item) => ('command' in item ? [item.command] : []))
      .sort();
    const { loadMoreFiles, pauseTransfer, resumeTransfer, retryTransfer } = commandIds;
    assert.deepEqual(hidden, [loadMoreFiles, pauseTransfer, resumeTransfer, retryTransfer].sort());
  });

  it('run where the files are', () => {
    assert.deepEqual(manifest.extensionKind, ['workspace']);
    assert.deepEqual(manifest.activationEvents, [
      'onStartupFinished',
      `onFileSystem:${sharedScheme}`,
      `onWebviewPanel:${mapViewType}`,
    ]);
  });
});

describe('words for the user', () => {
  it('are all in package.nls.json, and none too many', () => {
    const used = new Set([...text.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? ''));
    assert.deepEqual(Object.keys(words).sort(), [...used].sort());
  });

  it('are in package.nls.json only', () => {
    for (const { title, category } of contributes.commands) {
      for (const word of [title, category]) assert.match(word, /^%.+%$/);
    }
    for (const { contents } of contributes.viewsWelcome) assert.match(contents, /^%.+%$/);
    for (const { label } of contributes.submenus) assert.match(label, /^%.+%$/);
  });

  it('of the source are all in the l10n bundle (else: npm run l10n)', () => {
    assert.equal(readFileSync(bundleFile, 'utf8'), bundleText());
  });
});

describe('pictures', () => {
  it('exist', () => {
    const icons = contributes.viewsContainers.activitybar.map(({ icon }) => icon);
    for (const file of [manifest.icon, ...icons])
      assert.ok(existsSync(path.join(repoRoot, file)), file);
  });

  it('have a PNG of at least 128 pixels as the icon', () => {
    const png = readFileSync(path.join(repoRoot, manifest.icon));
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
    assert.ok(png.readUInt32BE(16) >= 128 && png.readUInt32BE(20) >= 128);
  });
});

function conditions(): string[] {
  const menus = Object.values(contributes.menus).flat();
  const all = [...menus, ...contributes.viewsWelcome].map(({ when }) => when);
  return all.filter((when) => when !== undefined);
}
