import { storeContract } from './storeContract.js';
import { storeFixture } from './support/storeFixture.js';

describe('store on SQLite and shard files', () => {
  const fixture = storeFixture();
  storeContract({
    dataDir: () => fixture.dataDir(),
    open: (dataDir) => fixture.open(dataDir),
  });
});
