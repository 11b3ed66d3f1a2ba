/** The page of a peek: shows the rows that the extension sends, and asks for others. It has no bytes but those it shows. */
import { readHostMessage, type PageMessage } from '../../peek/messages.js';
import { editor } from '../editor.js';
import { PeekPage } from './page.js';
import './peek.css';

let page: PeekPage | undefined;

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const message = readHostMessage(data);
  if (message?.type === 'begin') page = new PeekPage(message, say);
  else if (message !== undefined) page?.hear(message);
});
say({ type: 'ready' });

function say(message: PageMessage): void {
  editor.postMessage(message);
}
