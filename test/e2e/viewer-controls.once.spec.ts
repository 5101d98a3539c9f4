import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from 'playwright/test';
import { waitUntil } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/test.ts';

// What the viewer page makes of a model's schema: controls, keys and pointer, the log. The engine has no part in it.

const MODEL = 'test/models/controls.py';

test('each kind of control sends its command, and every viewer shows what holds', async ({
  startHost,
  viewerPage,
  viewerBrowser,
  pageErrors,
}) => {
  const host = await startHost({ model: MODEL });
  await open(viewerPage, host.url);
  const other = await viewerBrowser.newPage();
  pageErrors.watch(other);
  await open(other, host.url);
  await expect(viewerPage.locator('#audience')).toHaveText('2 viewers');
  await expect(other.locator('#audience')).toHaveText('2 viewers');

  // Each as a person does it; what the other viewer shows comes from the model.
  const here = (label: string) => viewerPage.getByLabel(label, { exact: true });
  const there = (label: string) => other.getByLabel(label, { exact: true });
  const both = [here, there];

  await test.step('a slider and its box', async () => {
    await expect(here('Speed')).toHaveAttribute('type', 'range');
    const { x, y, width, height } = await boxOf(here('Speed'));
    await viewerPage.mouse.click(x + width / 2, y + height / 2);
    for (const at of both) await expect(at('Speed')).toHaveValue('2');
    await here('Speed, exactly').fill('1.234');
    await viewerPage.keyboard.press('Enter');
    await expect(there('Speed, exactly')).toHaveValue('1.234');
  });

  await test.step('an integer moves by whole steps', async () => {
    await here('Count').focus();
    await viewerPage.keyboard.press('ArrowRight');
    for (const at of both) await expect(at('Count, exactly')).toHaveValue('4');
  });

  await test.step('a number without two limits has a box alone', async () => {
    await here('Total').fill('123456');
    await viewerPage.keyboard.press('Enter');
    await expect(there('Total')).toHaveValue('123456');
  });

  await test.step('choices', async () => {
    await here('Shape').selectOption('star');
    for (const at of both) await expect(at('Shape')).toHaveValue('star');
  });

  await test.step('a switch', async () => {
    await viewerPage.getByRole('switch', { name: 'Mirror' }).click();
    for (const at of both) await expect(at('Mirror')).toBeChecked();
  });

  await test.step('a short text by Enter, a long one by its button', async () => {
    await here('Name').fill('bob');
    await expect(there('Name')).toHaveValue('ann');
    await viewerPage.keyboard.press('Enter');
    await expect(there('Name')).toHaveValue('bob');
    await expect(here('Prompt')).toHaveJSProperty('tagName', 'TEXTAREA');
    await here('Prompt').fill('a meadow\nin the morning');
    await viewerPage.getByRole('button', { name: 'Set Prompt' }).click();
    await expect(there('Prompt')).toHaveValue('a meadow\nin the morning');
    await expect(viewerPage.getByRole('button', { name: 'Set Prompt' })).toBeHidden();
  });

  await test.step('a colour, picked and written', async () => {
    await here('Tint').fill('#ff8800');
    for (const at of both) await expect(at('Tint as a code')).toHaveValue('#ff8800');
    await here('Tint as a code').fill('0af');
    await viewerPage.keyboard.press('Enter');
    for (const at of both) await expect(at('Tint')).toHaveValue('#00aaff');
  });

  await test.step('a value that may be none', async () => {
    await here('Seed').fill('7');
    await viewerPage.keyboard.press('Enter');
    await expect(there('Seed')).toHaveValue('7');
    await viewerPage.getByRole('button', { name: 'Seed: none' }).click();
    await expect(there('Seed')).toHaveValue('');
    await expect(other.getByRole('button', { name: 'Seed: none' })).toHaveAttribute('aria-pressed', 'true');
  });

  await test.step('a file; one that is too large is not sent', async () => {
    const [row, otherRow] = [rowOf(viewerPage, 'texture'), rowOf(other, 'texture')];
    await here('Texture').setInputFiles(file('large.bin', 3001));
    await expect(row.getByRole('alert')).toHaveText(/^large\.bin has 4 KB, and at most 3 KB can be sent$/);
    await here('Texture').setInputFiles(file('small.bin', 3000));
    await expect(otherRow.locator('.file-name')).toHaveText('A file, 3 KB');
    await expect(row.locator('.file-name')).toHaveText('small.bin, 3 KB');
    await expect(row.getByRole('alert')).toBeHidden();
  });

  await test.step('anything else as JSON', async () => {
    await here('Weights').fill('[1, 2,');
    await viewerPage.getByRole('button', { name: 'Set Weights' }).click();
    await expect(rowOf(viewerPage, 'weights').getByRole('alert')).toHaveText(/^this is not JSON/);
    await here('Weights').fill('[1, 2, 0.25]');
    await viewerPage.getByRole('button', { name: 'Set Weights' }).click();
    await expect(there('Weights')).toHaveValue('[1,2,0.25]');
    await expect(rowOf(viewerPage, 'weights').getByRole('alert')).toBeHidden();
  });

  await test.step('what is not allowed is told at its control, with field and limit, and has no effect', async () => {
    const failure = rowOf(viewerPage, 'speed').getByRole('alert');
    await here('Speed, exactly').fill('9');
    await viewerPage.keyboard.press('Enter');
    await expect(failure).toHaveAttribute('data-code', 'invalid-command');
    await expect(failure.locator('code')).toHaveText('speed ≤ 4');
    await expect(here('Speed, exactly')).toHaveAttribute('aria-invalid', 'true');
    await expect(here('Speed, exactly')).toHaveValue('9');
    await here('Name').fill('a name of more than twenty characters');
    await viewerPage.keyboard.press('Enter');
    await expect(rowOf(viewerPage, 'name').locator('code')).toHaveText('name: at most 20 long');
    // In order, so that the others were seen when this one is.
    await here('Count, exactly').fill('5');
    await viewerPage.keyboard.press('Enter');
    await expect(there('Count, exactly')).toHaveValue('5');
    await expect(there('Speed, exactly')).toHaveValue('1.234');
    await expect(there('Name')).toHaveValue('bob');
    await here('Speed, exactly').fill('3');
    await viewerPage.keyboard.press('Enter');
    await expect(failure).toBeHidden();
    await expect(there('Speed, exactly')).toHaveValue('3');
    await here('Name').fill('carl');
    await viewerPage.keyboard.press('Enter');
    await expect(there('Name')).toHaveValue('carl');
  });

  await test.step('what another viewer sets does not fight who is typing or dragging', async () => {
    await here('Name').fill('half of a na');
    await there('Name').fill('zoe');
    await other.keyboard.press('Enter');
    await there('Total').fill('1');
    await other.keyboard.press('Enter');
    await expect(here('Total')).toHaveValue('1');
    await expect(here('Name')).toHaveValue('half of a na');
    await here('Name').press('Escape');
    await expect(here('Name')).toHaveValue('zoe');

    const { x, y, width, height } = await boxOf(here('Speed'));
    await viewerPage.mouse.move(x + width / 2, y + height / 2);
    await viewerPage.mouse.down();
    await expect(there('Speed')).toHaveValue('2');
    await there('Speed, exactly').fill('0.5');
    await other.keyboard.press('Enter');
    await there('Total').fill('2');
    await other.keyboard.press('Enter');
    await expect(here('Total')).toHaveValue('2');
    await expect(here('Speed')).toHaveValue('2');
    await viewerPage.mouse.move(x + width - 2, y + height / 2, { steps: 20 });
    await viewerPage.mouse.up();
    for (const at of both) await expect(at('Speed')).toHaveValue('4');
  });

  await test.step('what the model sets by itself is shown', async () => {
    await viewerPage.getByRole('button', { name: 'Drift' }).click();
    for (const at of both) await expect(at('Speed')).toHaveValue('2.5');
  });

  await test.step('buttons, and forms for their parameters', async () => {
    await viewerPage.locator('[data-command=clear] button').click();
    await expect(lastMessage(other)).toHaveText(/said cleared$/);
    // A reply is for who has asked.
    await here('Text').fill('hello');
    await viewerPage.keyboard.press('Enter');
    await expect(lastMessage(viewerPage)).toHaveText(/said hello!$/);
    await expect(lastMessage(other)).toHaveText(/said cleared$/);
    await expect(here('Text')).toHaveValue('');
    await here('Text').fill('x'.repeat(41));
    await viewerPage.keyboard.press('Enter');
    await expect(rowOf(viewerPage, 'text').locator('code')).toHaveText('text: at most 40 long');
    await viewerPage.getByRole('button', { name: 'Refuse' }).click();
    const failure = viewerPage.locator('[data-command=refuse]').getByRole('alert');
    await expect(failure).toHaveAttribute('data-code', 'no-paint');
    await expect(failure).toHaveText('there is no paint left');
  });

  await test.step('a reload is the same client, and finds what holds', async () => {
    const session = viewerPage.locator('#panel .row', { hasText: 'Session' }).locator('dd');
    await expect(session).toHaveText(/^streaming, you are [0-9a-f]{8}$/);
    const before = await session.textContent();
    await viewerPage.reload();
    await expect(session).toHaveText(before ?? '');
    await expect(here('Name')).toHaveValue('zoe');
    await expect(here('Prompt')).toHaveValue('a meadow\nin the morning');
  });
  await other.close();
});

test('keys and pointer are the model’s while the picture has them, and the log shows what it says', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({ model: MODEL });
  await open(viewerPage, host.url);
  const picture = viewerPage.getByRole('application');
  const hint = viewerPage.locator('#bind-hint');
  const said = async () => (await linesOf(viewerPage)).map((line) => line.replace(/^[\d:]+\s([AP]M\s)?/, ''));
  /** All until a mark of ours, which commands after it cannot overtake. */
  const saidBefore = async (mark: string) => {
    await viewerPage.getByLabel('Text', { exact: true }).fill(mark);
    await viewerPage.keyboard.press('Enter');
    const lines = await waitUntil(`the mark ${mark}`, said, (all) => all.includes(`said ${mark}!`));
    await viewerPage.locator('#messages-clear').click();
    return lines.slice(0, lines.indexOf(`said ${mark}!`));
  };

  await test.step('without the focus keys are the page’s', async () => {
    await expect(hint).toHaveText('Pointer steers · click for keys, too');
    await viewerPage.getByLabel('Name', { exact: true }).fill('');
    await viewerPage.keyboard.type('wasd');
    expect(await saidBefore('a')).toEqual([]);
  });

  await test.step('with the focus they are the model’s, each press and release once', async () => {
    await picture.focus();
    await expect(hint).toHaveText('Keys and pointer steer · Esc leaves');
    await viewerPage.keyboard.down('w');
    // As browsers repeat a key that is held.
    await viewerPage.keyboard.down('w');
    await viewerPage.keyboard.press('f');
    await viewerPage.keyboard.up('w');
    await viewerPage.keyboard.press('Control+b');
    await viewerPage.keyboard.press('Escape');
    await expect(picture).not.toBeFocused();
    expect(await saidBefore('b')).toEqual([
      'pressed code KeyW · pressed true',
      'pressed code KeyF · pressed true',
      'pressed code KeyF · pressed false',
      'pressed code KeyW · pressed false',
      'pressed code ControlLeft · pressed true',
      'pressed code ControlLeft · pressed false',
    ]);
    expect(await viewerPage.evaluate(() => document.fullscreenElement)).toBeNull();
  });

  await test.step('keys that are held are released with the focus', async () => {
    await picture.focus();
    await viewerPage.keyboard.down('a');
    await viewerPage.keyboard.down('ArrowUp');
    await viewerPage.keyboard.press('Tab');
    expect(await saidBefore('c')).toEqual([
      'pressed code KeyA · pressed true',
      'pressed code ArrowUp · pressed true',
      'pressed code KeyA · pressed false',
      'pressed code ArrowUp · pressed false',
    ]);
    await viewerPage.keyboard.up('a');
    await viewerPage.keyboard.up('ArrowUp');
  });

  await test.step('the pointer, by its place in the picture', async () => {
    const { x, y, width, height } = await boxOf(picture);
    const at = (right: number, down: number) => [x + right * width, y + down * height] as const;
    await viewerPage.mouse.move(...at(0.5, 0.5));
    await viewerPage.mouse.down();
    await viewerPage.mouse.move(...at(0.25, 0.75));
    // A drag that leaves the picture ends at its edge.
    await viewerPage.mouse.move(...at(0.5, 1.1));
    await viewerPage.mouse.up();
    await viewerPage.mouse.move(...at(0.5, 1.2));
    const places = (await saidBefore('d')).map(
      (line) =>
        /x (\S+) · y (\S+) · pressed (\S+)/
          .exec(line)
          ?.slice(1)
          .map((each) => Number(each) || each) ?? [],
    );
    const near = (wanted: number[], pressed: string) =>
      places.findIndex(
        ([right, down, is]) =>
          is === pressed &&
          Math.hypot(Number(right) - (wanted[0] ?? 0), Number(down) - (wanted[1] ?? 0)) < 0.01,
      );
    const words = JSON.stringify(places);
    const [press, move] = [near([0.5, 0.5], 'true'), near([0.25, 0.75], 'true')];
    expect(press, words).toBeGreaterThanOrEqual(0);
    expect(move, words).toBeGreaterThan(press);
    expect(near([0.5, 1], 'false'), words).toBe(places.length - 1);
  });

  await test.step('of many moves before a picture is drawn the last one is sent', async () => {
    await picture.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      for (let step = 1; step <= 50; step += 1) {
        const clientX = left + (width * step) / 100;
        element.dispatchEvent(
          new PointerEvent('pointermove', { clientX, clientY: top + height / 2, isPrimary: true }),
        );
      }
      return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    });
    expect(await saidBefore('e')).toEqual(['pointed x 0.5 · y 0.5 · pressed false']);
  });

  await test.step('the log keeps the newest in sight, unless one reads further up', async () => {
    const list = viewerPage.getByRole('log');
    const more = viewerPage.locator('#messages-more');
    const chatter = async (lines: number, word: string) => {
      await viewerPage.getByLabel('Lines, exactly').fill(String(lines));
      await viewerPage.getByLabel('Word', { exact: true }).fill(word);
      await viewerPage.getByRole('button', { name: 'Chatter' }).click();
      await waitUntil(`${word} to its end`, said, (all) => all.at(-1) === `said ${word} ${lines - 1}`);
    };
    await chatter(600, 'first');
    expect(await list.locator('.message').count()).toBe(500);
    await expect(lastMessage(viewerPage)).toBeInViewport();

    await list.evaluate((element) => {
      element.scrollTop = element.scrollHeight / 2;
    });
    await waitUntil('it has heard', () => more.isHidden(), Boolean);
    const reading = list.locator('.message', { hasText: /first 350$/ });
    await reading.evaluate((element) => element.scrollIntoView());
    await chatter(20, 'second');
    await expect(reading).toBeInViewport();
    await expect(more).toHaveText('20 new ↓');
    await more.click();
    await expect(lastMessage(viewerPage)).toBeInViewport();
    await expect(more).toBeHidden();

    await viewerPage.getByLabel('Filter by text').fill('SECOND 1');
    await expect(list.locator('.message')).toHaveCount(11);
    await viewerPage.getByLabel('Which messages').selectOption('pressed');
    await expect(list.locator('.message')).toHaveCount(0);
    await viewerPage.getByLabel('Filter by text').fill('');
    await picture.focus();
    await viewerPage.keyboard.press('x');
    await expect(list.locator('.message')).toHaveText([
      /code KeyX · pressed true/,
      /code KeyX · pressed false/,
    ]);
  });
});

test('the page is to be used with the keyboard alone, and keeps to the rules of WCAG at both sizes', async ({
  startHost,
  viewerPage,
  viewerBrowser,
  pageErrors,
}) => {
  const host = await startHost({ model: MODEL });
  await open(viewerPage, host.url);

  await test.step('with the keyboard alone', async () => {
    const { keyboard } = viewerPage;
    await tabTo(viewerPage, '[role=application]');
    await keyboard.press('ArrowUp');
    await expect(lastMessage(viewerPage)).toHaveText(/code ArrowUp · pressed false$/);
    await tabTo(viewerPage, '#control-set_speed-speed');
    await keyboard.press('End');
    await tabTo(viewerPage, '#control-set_shape-shape');
    await keyboard.press('ArrowDown');
    await tabTo(viewerPage, '#control-set_mirror-mirror');
    await keyboard.press('Space');
    await tabTo(viewerPage, '#control-set_name-name');
    await keyboard.press('Control+a');
    await keyboard.type('dora');
    await tabTo(viewerPage, '#control-set_prompt-prompt');
    await keyboard.type('two\nlines');
    await keyboard.press('Control+Enter');
    await tabTo(viewerPage, '[data-command=clear] button');
    await keyboard.press('Enter');
    await expect(lastMessage(viewerPage)).toHaveText(/said cleared$/);
    await tabTo(viewerPage, '#control-say-text');
    await keyboard.type('hi');
    await keyboard.press('Enter');
    await expect(lastMessage(viewerPage)).toHaveText(/said hi!$/);
    // Left standing, for the rules below to look at.
    await tabTo(viewerPage, '[data-command=refuse] button');
    await keyboard.press('Space');
    await expect(viewerPage.locator('[data-command=refuse]').getByRole('alert')).toBeVisible();
  });

  const phone = await viewerBrowser.newContext({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  const small = await phone.newPage();
  pageErrors.watch(small);
  await open(small, host.url);

  await test.step('what the keyboard has set holds for all', async () => {
    const there = (label: string) => small.getByLabel(label, { exact: true });
    await expect(there('Speed')).toHaveValue('4');
    await expect(there('Shape')).toHaveValue('square');
    await expect(there('Mirror')).toBeChecked();
    await expect(there('Name')).toHaveValue('dora');
    await expect(there('Prompt')).toHaveValue('two\nlines');
  });

  await test.step('a phone has keys of its own, and the picture stays in sight', async () => {
    await small.locator('.pad-key[data-code=KeyD]').tap();
    await expect(small.getByRole('log')).toContainText(
      /code KeyD · pressed true.*code KeyD · pressed false/s,
    );
    await small.getByLabel('Prompt', { exact: true }).scrollIntoViewIfNeeded();
    await expect(small.locator('#track-main_video')).toBeInViewport({ ratio: 0.9 });
    // Nothing is wider than the screen.
    expect(await small.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  for (const [size, page] of [
    ['desktop', viewerPage],
    ['phone', small],
  ] as const) {
    await test.step(`axe finds nothing, ${size}`, async () => {
      // axe works out no contrast on a gradient, whose ground is nearly as dark, nor of what has been scrolled below the picture.
      await page.evaluate(() => {
        document.body.style.backgroundImage = 'none';
        scrollTo(0, 0);
      });
      const { violations, passes, incomplete } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html }) => html) })),
      ).toEqual([]);
      expect(passes.map(({ id }) => id)).toEqual(expect.arrayContaining(['color-contrast', 'label']));
      // None is known over the picture, of a select with its arrow, and of a picker whose words are hidden; of all else it is.
      const unknown = incomplete.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes);
      const outside = await page.evaluate(
        (targets) =>
          targets.filter((each) => !document.querySelector(each)?.closest('#stage, select, [type=file]')),
        unknown.map(({ target }) => String(target[0])),
      );
      expect(outside).toEqual([]);
    });
  }
  await phone.close();
});

/** Opens the page and waits for a picture and for the controls. */
async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.locator('#status-label')).toHaveText('Live');
  await expect(page.getByLabel('Speed', { exact: true })).toBeVisible();
  await expect(page.locator('#bind-hint')).toBeVisible();
}

function rowOf(page: Page, parameter: string): Locator {
  return page.locator(`.control[data-parameter="${parameter}"]`);
}

function lastMessage(page: Page): Locator {
  return page.getByRole('log').locator('.message').last();
}

async function linesOf(page: Page): Promise<string[]> {
  return page.getByRole('log').locator('.message').allTextContents();
}

async function boxOf(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  await locator.scrollIntoViewIfNeeded();
  const box = await locator.boundingBox();
  if (!box) throw new Error('it is not on the page');
  return box;
}

/** Presses Tab until this has the focus. Fails when it comes around without. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    const isThere = await page.evaluate(
      (wanted) => document.activeElement?.matches(wanted) ?? false,
      selector,
    );
    if (isThere) return;
  }
  throw new Error(`no Tab leads to ${selector}`);
}

function file(name: string, bytes: number): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.alloc(bytes, 7) };
}
