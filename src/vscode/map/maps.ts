import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import { mapViewType } from '../ids.js';
import { MapPanel, type MapDependencies } from './mapPanel.js';
import { readMapTarget, sameTarget, type MapTarget } from './mapTarget.js';

/** The chunk maps that are open, one for each share, also those that the editor brings back after a reload. */
export class Maps implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #open = new Set<MapPanel>();

  constructor(private readonly deps: MapDependencies) {
    this.#parts.add(
      vscode.window.registerWebviewPanelSerializer(mapViewType, {
        deserializeWebviewPanel: (panel, state: unknown) => {
          // The page may have kept anything.
          const target = readMapTarget(state);
          if (target === undefined) panel.dispose();
          else this.#adopt(panel, target);
          return Promise.resolve();
        },
      }),
    );
  }

  /** Shows the map of a share, in a tab that is there or a new one. */
  open(target: MapTarget): MapPanel {
    const known = [...this.#open].find((one) => sameTarget(one.target, target));
    if (known !== undefined) {
      known.reveal();
      return known;
    }
    const title = vscode.l10n.t('Chunk Map');
    const panel = vscode.window.createWebviewPanel(mapViewType, title, vscode.ViewColumn.Active);
    return this.#adopt(panel, target);
  }

  dispose(): void {
    this.#parts.dispose();
    for (const map of this.#open) map.dispose();
  }

  #adopt(panel: vscode.WebviewPanel, target: MapTarget): MapPanel {
    panel.iconPath = new vscode.ThemeIcon('layers');
    const map = new MapPanel(panel, target, this.deps);
    this.#open.add(map);
    map.onDidDispose(() => this.#open.delete(map));
    return map;
  }
}
