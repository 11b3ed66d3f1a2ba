import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import type { Group } from '../groups/group.js';
import type { Groups } from '../groups/groups.js';
import { mapViewType } from '../ids.js';
import { MapPanel, type MapDependencies } from './mapPanel.js';
import { readMapGroup, readMapTarget, sameTarget, type MapTarget } from './mapTarget.js';

/** The chunk maps that are open, one for each share, also those that the editor brings back after a reload. */
export class Maps implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #open = new Set<MapPanel>();

  constructor(
    groups: Groups,
    private readonly deps: MapDependencies,
  ) {
    this.#parts.add(
      vscode.window.registerWebviewPanelSerializer(mapViewType, {
        deserializeWebviewPanel: (panel, state: unknown) => {
          // The page may have kept anything.
          const target = readMapTarget(state);
          const group = groups.find(readMapGroup(state) ?? '') ?? groups.first;
          if (target === undefined) panel.dispose();
          else this.#adopt(panel, group, target);
          return Promise.resolve();
        },
      }),
    );
    this.#parts.add(
      groups.onDidChange(() => {
        for (const map of this.#open) if (!groups.all.includes(map.group)) map.close();
      }),
    );
  }

  /** Shows the map of a share, in a tab that is there or a new one. */
  open(group: Group, target: MapTarget): MapPanel {
    const known = [...this.#open].find(
      (one) => one.group === group && sameTarget(one.target, target),
    );
    if (known !== undefined) {
      known.reveal();
      return known;
    }
    const title = vscode.l10n.t('Chunk Map');
    const panel = vscode.window.createWebviewPanel(mapViewType, title, vscode.ViewColumn.Active);
    return this.#adopt(panel, group, target);
  }

  dispose(): void {
    this.#parts.dispose();
    for (const map of this.#open) map.dispose();
  }

  #adopt(panel: vscode.WebviewPanel, group: Group, target: MapTarget): MapPanel {
    panel.iconPath = new vscode.ThemeIcon('layers');
    const map = new MapPanel(panel, group, target, this.deps);
    this.#open.add(map);
    map.onDidDispose(() => this.#open.delete(map));
    return map;
  }
}
