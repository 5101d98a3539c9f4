import { expect, test } from 'vitest';
import { placeInPicture } from './picture-place.ts';

const box = { left: 100, top: 50, width: 800, height: 400 };

test.each([
  ['its middle', { width: 1600, height: 800 }, [500, 250], false, { x: 0.5, y: 0.5 }],
  ['a corner', { width: 1600, height: 800 }, [100, 50], false, { x: 0, y: 0 }],
  ['the other corner', { width: 1600, height: 800 }, [900, 450], false, { x: 1, y: 1 }],
  // 400 wide in the middle of 800.
  ['beside bars', { width: 100, height: 100 }, [300, 250], false, { x: 0, y: 0.5 }],
  ['a bar is not the picture', { width: 100, height: 100 }, [299, 250], false, null],
  ['held, a bar is its edge', { width: 100, height: 100 }, [150, 250], true, { x: 0, y: 0.5 }],
  // 200 high in the middle of 400.
  ['below a bar', { width: 800, height: 200 }, [100, 150], false, { x: 0, y: 0 }],
  ['outside, held', { width: 1600, height: 800 }, [2000, -50], true, { x: 1, y: 0 }],
  ['no picture yet', { width: 0, height: 0 }, [500, 250], true, null],
  ['to 1/10,000', { width: 1600, height: 800 }, [367, 183], false, { x: 0.3338, y: 0.3325 }],
] as const)('placeInPicture: %s', (_, picture, [clientX, clientY], isHeld, place) => {
  expect(placeInPicture({ clientX, clientY }, box, picture, isHeld)).toEqual(place);
});
