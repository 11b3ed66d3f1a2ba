import { createHash } from 'node:crypto';
import { MemoryNetwork } from './memoryTransport.js';
import { transportContract } from './transportContract.js';

describe('transport in memory', () => {
  transportContract(() => {
    const network = new MemoryNetwork();
    const party = (name: string) => {
      const spki = Buffer.from(name);
      const nodeId = createHash('sha256').update(spki).digest('hex');
      return { nodeId, transport: network.transport(spki) };
    };
    return Promise.resolve({ near: party('near'), far: party('far') });
  });
});
