import { PageServer } from '../fixtures/page-server.ts';
import { expect, test } from '../fixtures/test.ts';

const TOKEN = 'token-of-this-test';

test('the link with the token works from a page of another site, and takes the token out of the address', async ({
  startHost,
  viewerPage,
}) => {
  const host = await startHost({ model: 'test/models/silent.py', args: ['--token', TOKEN] });
  const link = `${host.url}?token=${TOKEN}`;
  const wiki = await PageServer.start({ '/': { html: `<a href="${link}">watch</a>` } });
  try {
    // Another name is another site to a browser, 127.0.0.1 with another port would not be.
    await viewerPage.goto(wiki.url.replace('127.0.0.1', 'localhost'));
    const [response] = await Promise.all([
      viewerPage.waitForResponse((each) => each.url() === host.url),
      viewerPage.click('a'),
    ]);
    expect(response.status()).toBe(200);
    expect(viewerPage.url()).toBe(host.url);
  } finally {
    await wiki.stop();
  }
});
