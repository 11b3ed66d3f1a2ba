import '../../support/cryptoGuard.cjs';
import './untrusted.test.js';
import './activation.test.js';
import './peer.test.js';
import './group.test.js';
import './files.test.js';
import './map.test.js';
import './transfers.test.js';
