import { storeContract } from './storeContract.js';
import { StoreFixture } from './support/storeFixture.js';

describe('store on SQLite and shard files', () => {
  let fixture: StoreFixture;
  before(() => {
    fixture = new StoreFixture();
  });
  after(async () => {
    await fixture.closeAll();
    fixture.remove();
  });
  storeContract({
    dataDir: () => fixture.dataDir(),
    open: (dataDir) => fixture.open(dataDir),
  });
});
