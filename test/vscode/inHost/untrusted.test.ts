import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { section, settingKeys } from '../../../src/vscode/ids.js';
import { access, scratch } from './host.js';
import { hostileSettings } from './hostileSettings.js';

describe('a folder with settings of its own', () => {
  it('changes none, and starts nothing', async () => {
    const { session } = await access();
    const hostile = hostileSettings(scratch('hostile'));
    const settings = vscode.workspace.getConfiguration(section);
    assert.ok(vscode.workspace.workspaceFolders?.length, 'a folder is open');
    for (const key of settingKeys) assert.notDeepEqual(settings.get(key), hostile[key], key);
    assert.equal(session.state, 'idle');
    assert.equal(existsSync(scratch('hostile')), false);
  });
});
