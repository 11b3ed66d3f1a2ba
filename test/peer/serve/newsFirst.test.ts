import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { NewsFirst } from '../../../src/peer/serve/newsFirst.js';

describe('NewsFirst', () => {
  /** Whether it is over by now, after all that waits has had its turn. */
  const isOver = async (waiting: Promise<void>): Promise<boolean> => {
    let over = false;
    void waiting.then(() => (over = true));
    await new Promise(setImmediate);
    return over;
  };

  it('keeps nobody waiting where nobody was met', async () => {
    const news = new NewsFirst();
    assert.equal(news.passed, true);
    await news.heard();
  });

  it('waits for the news of all who were met, however they end', async () => {
    const news = new NewsFirst();
    const [first, second] = [Promise.withResolvers<null>(), Promise.withResolvers<null>()];
    news.hear('first', first.promise);
    const heard = news.heard();
    news.hear('second', second.promise);
    first.resolve(null);
    assert.equal(await isOver(heard), false);
    assert.equal(news.passed, false);
    second.reject(new Error('the connection was lost'));
    await heard;
    assert.equal(news.passed, true);
  });

  it('waits for each member once', async () => {
    const news = new NewsFirst();
    news.hear('one', Promise.resolve());
    await news.heard();
    news.hear('one', new Promise(() => undefined));
    assert.equal(news.passed, true);
  });

  it('waits for nobody without end', async () => {
    const news = new NewsFirst(1);
    news.hear('silent', new Promise(() => undefined));
    await news.heard();
    assert.equal(news.passed, true);
  });
});
