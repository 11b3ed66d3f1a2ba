/** What VS Code gives a page: one way to speak to the extension, and a place for what outlives a reload. */
interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

/** It can be had once only. */
export const editor: EditorApi = acquireVsCodeApi();
