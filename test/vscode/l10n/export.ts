/** `npm run l10n`: writes the strings of the source to the bundle that translators start from. */
import { writeFileSync } from 'node:fs';
import { bundleFile, bundleText } from './strings.js';

writeFileSync(bundleFile, bundleText());
