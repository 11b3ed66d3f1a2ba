import { writeFileSync } from 'node:fs';
import { constants } from 'node:zlib';
import { PNG } from 'pngjs';

/**
 * Writes a screenshot as small as it gets without losing anything: the package holds it. A browser encodes in a hurry, and
 * flat colours and text shrink best without a filter.
 *
 * @param transparent whether its transparency is kept; white is behind it otherwise
 */
export function writePng(file: string, screenshot: Buffer, transparent = false): void {
  const picture = PNG.sync.read(screenshot);
  const how = { filterType: 0, deflateLevel: 9, deflateStrategy: constants.Z_DEFAULT_STRATEGY };
  writeFileSync(file, PNG.sync.write(picture, { ...how, colorType: transparent ? 6 : 2 }));
}
