import type { Page } from 'playwright/test';
import { colourIs, type Place } from '../fixtures/colour.ts';
import { expect, test } from '../fixtures/test.ts';

// The interactive examples, by the viewer page's own controls: what a viewer does is seen in the decoded picture.

/** The colour that chat.py gives this name: number zlib.crc32(b'ann') % 6 of its list. */
const ANN = [240, 170, 50];

test('paint: two viewers see what each other paints', async ({ startHost, viewerPage, viewerBrowser }) => {
  const host = await startHost({ model: 'python-host/examples/paint.py' });
  const other = await viewerBrowser.newPage({ viewport: { width: 1280, height: 800 } });
  for (const page of [viewerPage, other]) {
    await page.goto(host.url);
    await colourIs(page, [0.5, 0.5], [18, 22, 34]);
  }
  // A bar, by the command's form; the picture's upper third.
  await viewerPage.getByRole('button', { name: 'Bar', exact: true }).click();
  for (const page of [viewerPage, other]) await colourIs(page, [0.1, 0.15], [40, 200, 160]);

  // A stroke of the other one's pointer, in a colour and a width that the first has chosen.
  await viewerPage.locator('[data-parameter=color]').first().getByLabel('Color as a code').fill('#ff00ff');
  await viewerPage.keyboard.press('Enter');
  await viewerPage.getByLabel('Brush, exactly').fill('200');
  await viewerPage.keyboard.press('Enter');
  await expect(other.getByLabel('Brush, exactly')).toHaveValue('200');
  const box = await other.locator('#stage video').boundingBox();
  if (!box) throw new Error('no picture to paint on');
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await other.mouse.move(...at(0.3, 0.6));
  await other.mouse.down();
  await other.mouse.move(...at(0.7, 0.6), { steps: 5 });
  await other.mouse.up();
  for (const page of [viewerPage, other]) await colourIs(page, [0.5, 0.6], [255, 0, 255]);

  // Nothing was chosen to press.
  await viewerPage.getByRole('button', { name: 'Press', exact: true }).click();
  await expect(viewerPage.locator('[data-command=press]').getByRole('alert')).toHaveAttribute(
    'data-code',
    'no_stamp',
  );
  await other.close();
});

test('chat: what one says is heard and seen by all, a reply and an error by one', async ({
  startHost,
  viewerPage,
  viewerBrowser,
}) => {
  const host = await startHost({ model: 'python-host/examples/chat.py' });
  const other = await viewerBrowser.newPage({ viewport: { width: 1280, height: 800 } });
  for (const page of [viewerPage, other]) {
    await page.goto(host.url);
    await colourIs(page, [0.9, 0.07], [24, 26, 34]);
  }
  const log = (page: Page) => page.getByRole('log');
  await viewerPage.getByLabel('Name', { exact: true }).fill('ann');
  await viewerPage.keyboard.press('Enter');
  await expect(log(viewerPage)).toContainText('you ann');
  await other.getByLabel('Name', { exact: true }).fill('ann');
  await other.keyboard.press('Enter');
  await expect(other.locator('[data-command=call_me]').getByRole('alert')).toHaveAttribute(
    'data-code',
    'name_taken',
  );
  await viewerPage.getByLabel('Text', { exact: true }).fill('hello');
  await viewerPage.keyboard.press('Enter');
  await expect(log(other)).toContainText('who ann · text hello');
  await expect(log(other)).not.toContainText('you ann');
  for (const page of [viewerPage, other]) await colourIs(page, [0.9, 0.07], ANN);
  await other.close();
});

test('world: a key that is held walks, and let go stands', async ({ startHost, viewerPage }) => {
  const host = await startHost({ model: 'python-host/examples/world.py' });
  await viewerPage.goto(host.url);
  const walker = [235, 70, 60];
  await colourIs(viewerPage, tile(2.5, 3.5), walker);
  await viewerPage.getByRole('application').focus();
  await viewerPage.keyboard.down('s');
  // South of it is water below the seventh row.
  await colourIs(viewerPage, tile(2.5, 6.8), walker);
  await viewerPage.keyboard.up('s');
  await colourIs(viewerPage, tile(2.5, 3.5), [96, 160, 78]);
  await viewerPage.keyboard.down('w');
  await colourIs(viewerPage, tile(2.5, 6.8), [96, 160, 78]);
  await viewerPage.keyboard.up('w');
});

/** Of a map of 16 by 9. */
function tile(x: number, y: number): Place {
  return [x / 16, y / 9];
}
