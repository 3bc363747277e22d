// The official client SDK (npm `centrifuge`) judges our server: what works with it would work with a Centrifugo.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Server, collect, next } from './server.mjs';

let server;

before(async () => {
  server = await Server.start();
  // The demonstration has marked some beats already: every mark below is to be a change.
  const ada = await server.signIn('ada');
  for (let index = 1; index <= 10; index += 1) {
    await ada.favorite(`clear-${index}`, beat(index), false);
  }
});

after(() => server.stop());

/** The id of a beat in the demonstration's catalog. */
function beat(number) {
  return `beat-${String(number).padStart(4, '0')}`;
}

/** A connected client with a subscription to one channel; it ends with its test. */
async function subscribed(t, person, channel, options) {
  const client = person.client(options);
  t.after(() => client.disconnect());
  const subscription = client.newSubscription(channel);
  const joined = next(subscription, 'subscribed');
  subscription.subscribe();
  client.connect();
  return { client, subscription, joined: await joined };
}

test('a client connects with a token of ours and receives the events of its own channels', async (t) => {
  const ada = await server.signIn('ada');
  const { client, subscription, joined } = await subscribed(t, ada, ada.channel('favorites'));
  assert.equal(client.state, 'connected');
  assert.equal(joined.recoverable, true);
  assert.equal(joined.positioned, true);
  const publication = next(subscription, 'publication');
  const result = await ada.favorite('sdk-1', beat(2), true);
  assert.deepEqual((await publication).data, result.events[0]);
});

test('the channels of others and unknown ones are refused, for good', async (t) => {
  const ada = await server.signIn('ada');
  const ben = await server.signIn('ben');
  const client = ada.client();
  t.after(() => client.disconnect());
  client.connect();
  for (const [channel, code] of [
    [ben.channel('favorites'), 103],
    [ben.channel('stats'), 103],
    [ada.channel('karma'), 102],
  ]) {
    const subscription = client.newSubscription(channel);
    const refused = next(subscription, 'unsubscribed');
    subscription.subscribe();
    assert.equal((await refused).code, code, channel);
  }
  assert.equal(client.state, 'connected');
});

test('what was missed during a cut is recovered, in order and once', async (t) => {
  const ada = await server.signIn('ada');
  const { client, subscription } = await subscribed(t, ada, ada.channel('favorites'));
  const publications = collect(subscription, 'publication');
  await ada.favorite('cut-1', beat(3), true);
  await publications.atLeast(1);

  const cut = next(client, 'connecting');
  const back = next(subscription, 'subscribed');
  await ada.fault({ fault: 'drop_socket' });
  await cut;
  const results = [];
  for (const index of [4, 5, 6]) {
    results.push(await ada.favorite(`cut-${index}`, beat(index), true));
  }
  const rejoined = await back;
  assert.equal(rejoined.wasRecovering, true);
  assert.equal(rejoined.recovered, true);
  const seen = await publications.atLeast(4);
  assert.deepEqual(
    seen.slice(1).map((publication) => publication.data),
    results.map((result) => result.events[0]),
  );
});

test('a restart is survived: the client is back by itself and knows that its position is gone', async (t) => {
  const ada = await server.signIn('ada');
  const { client, subscription } = await subscribed(t, ada, ada.channel('favorites'));
  await ada.favorite('restart-1', beat(7), true);
  const back = next(subscription, 'subscribed');
  await server.restart();
  const rejoined = await back;
  assert.equal(rejoined.wasRecovering, true);
  assert.equal(rejoined.recovered, false);
  // The session outlasts the restart, and events flow again.
  const publication = next(subscription, 'publication');
  const result = await ada.favorite('restart-2', beat(8), true);
  assert.deepEqual((await publication).data, result.events[0]);
});

test('signing out ends the connection and refuses its tokens', async (t) => {
  const ben = await server.signIn('ben');
  const token = await ben.token();
  const { client } = await subscribed(t, ben, ben.channel('stats'), { getToken: undefined, token });
  const ended = next(client, 'disconnected');
  await ben.call('DELETE', '/api/session');
  assert.equal((await ended).code, 3503);
  const late = ben.client({ getToken: undefined, token });
  const refused = next(late, 'disconnected');
  late.connect();
  assert.equal((await refused).code, 3500);
});

test('history, remote calls and presence are answered', async (t) => {
  const ada = await server.signIn('ada');
  const { client, subscription } = await subscribed(t, ada, ada.channel('activity'));
  const publication = next(subscription, 'publication');
  const result = await ada.favorite('history-1', beat(9), true);
  await publication;
  const history = await subscription.history({ limit: 1, reverse: true });
  assert.deepEqual(history.publications[0].data, result.events[1]);
  assert.equal((await client.rpc('ping', {})).data, undefined);
  await assert.rejects(client.rpc('launch', {}), { code: 104 });
  await assert.rejects(subscription.presence(), { code: 108 });
  await assert.rejects(subscription.publish({}), { code: 103 });
});

test('leaving a channel and coming back recovers what was missed', async (t) => {
  const ada = await server.signIn('ada');
  const { client, subscription } = await subscribed(t, ada, ada.channel('favorites'));
  const left = next(subscription, 'unsubscribed');
  subscription.unsubscribe();
  await left;
  const result = await ada.favorite('back-1', beat(10), true);
  const publication = next(subscription, 'publication');
  subscription.subscribe();
  assert.deepEqual((await publication).data, result.events[0]);
});
