import assert from 'node:assert/strict';
import { lastWords } from './lastWords.js';

describe('the last words of a run that failed', () => {
  it('are the report of the failed tests', () => {
    const report = '  1 failing\n\n  1) adds\n     Error: no';
    assert.equal(lastWords(`  adds\n    1) adds\n\n  3 passing (1s)\n${report}\n`), report);
  });

  it('are the end of the output where there is no report, and never all of it', () => {
    const lines = Array.from({ length: 500 }, (_, at) => `line ${String(at)}`);
    assert.match(lastWords(lines.join('\n')), /^line 460\n[^]*\nline 499$/);
    assert.equal(lastWords(['1 failing', ...lines].join('\n')).split('\n').length, 80);
  });
});
