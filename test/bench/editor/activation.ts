import type { Browser } from 'playwright-core';
import { packageExtension } from '../../vscode/host/packageExtension.js';
import { Workbench } from '../../vscode/workbench/workbench.js';

const rounds = 5;

/**
 * What the editor itself says that loading and activating the packaged extension took: the median of some windows.
 *
 * @param home throw-away folder of the editor
 * @returns milliseconds
 */
export async function activationTime(
  browser: Browser,
  home: string,
  folder: string,
): Promise<number> {
  const workbench = await Workbench.open(browser, {
    home,
    folder,
    extension: await packageExtension(),
    machineSettings: {},
  });
  try {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      if (round > 0) await workbench.load();
      await workbench.editorCommand('Developer: Show Running Extensions');
      const row = workbench.page
        .locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Chunk Partitioner' })
        .filter({ hasText: /Activation: \d+ms/ });
      const text = await row.innerText();
      times.push(Number(/Activation: (\d+)ms/.exec(text)?.[1]));
    }
    times.sort((a, b) => a - b);
    return times[rounds >> 1] ?? NaN;
  } finally {
    await workbench.close();
  }
}
