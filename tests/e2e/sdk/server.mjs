// Starts the server binary that DASHBOARD_SERVER names, over a database of its own, and calls it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Centrifuge } from 'centrifuge';
import { WebSocket } from 'ws';

const PASSWORD = 'demo-demo-demo';

/** A server process; `restart` keeps database and port. */
export class Server {
  #folder;
  #process;

  static async start() {
    const server = new Server();
    server.#folder = await mkdtemp(join(tmpdir(), 'dashboard-sdk-'));
    await server.#run('127.0.0.1:0');
    return server;
  }

  async #run(listen) {
    const binary = process.env.DASHBOARD_SERVER;
    if (!binary) throw new Error('DASHBOARD_SERVER names no server binary');
    const database = join(this.#folder, 'judge.sqlite');
    const flags = ['--demo', '--log', 'error', '--listen', listen, '--database', database];
    this.#process = spawn(binary, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: this.#process.stdout });
    const [line] = await Promise.race([
      once(lines, 'line'),
      once(this.#process, 'exit').then(([code]) => {
        throw new Error(`the server ended with ${code}`);
      }),
    ]);
    this.url = line.replace('listening on ', '');
    this.socketUrl = `${this.url.replace('http', 'ws')}/connection/websocket`;
  }

  async #end(signal) {
    const exited = once(this.#process, 'exit');
    this.#process.kill(signal);
    await exited;
  }

  /** Kills the server as a crash would, and starts it again in its place. */
  async restart() {
    await this.#end('SIGKILL');
    await this.#run(new URL(this.url).host);
  }

  async stop() {
    await this.#end('SIGTERM');
    await rm(this.#folder, { recursive: true });
  }

  async signIn(name) {
    const reply = await fetch(`${this.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `${name}@demo.test`, password: PASSWORD }),
    });
    if (!reply.ok) throw new Error(`signing in: ${reply.status}`);
    const cookie = reply.headers.get('set-cookie').split(';')[0];
    const { user } = await reply.json();
    return new Person(this, cookie, user.id);
  }
}

/** A signed-in person. */
export class Person {
  constructor(server, cookie, id) {
    this.server = server;
    this.cookie = cookie;
    this.id = id;
  }

  async call(method, path, body) {
    const headers = { cookie: this.cookie };
    if (body) headers['content-type'] = 'application/json';
    const reply = await fetch(`${this.server.url}${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status}`);
    return reply.status === 200 ? reply.json() : undefined;
  }

  async token() {
    return (await this.call('GET', '/api/realtime/token')).token;
  }

  async favorite(id, beatId, favorite) {
    const args = { beat_id: beatId, favorite };
    const mutations = [{ id, kind: 'set_favorite', args }];
    const reply = await this.call('POST', '/api/mutations', { mutations });
    return reply.results[0];
  }

  fault(fault) {
    return this.call('POST', '/api/demo/fault', fault);
  }

  channel(resource) {
    return `dashboard:${resource}#${this.id}`;
  }

  /** A client of the official SDK, with a token of ours. */
  client(options = {}) {
    return new Centrifuge(this.server.socketUrl, {
      websocket: WebSocket,
      getToken: () => this.token(),
      minReconnectDelay: 20,
      maxReconnectDelay: 200,
      ...options,
    });
  }
}

/** The next time that an emitter of the SDK says `event`; fails after ten seconds. */
export function next(emitter, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} in time`)), 10_000);
    emitter.once(event, (context) => {
      clearTimeout(timer);
      resolve(context);
    });
  });
}

/** Collects what an emitter says, for waiting on the nth. */
export function collect(emitter, event) {
  const seen = [];
  let wake = () => {};
  emitter.on(event, (context) => {
    seen.push(context);
    wake();
  });
  return {
    seen,
    async atLeast(count) {
      const deadline = setTimeout(() => wake(new Error(`${seen.length} of ${count} in time`)), 10_000);
      while (seen.length < count) {
        const failure = await new Promise((resolve) => {
          wake = resolve;
        });
        if (failure) throw failure;
      }
      clearTimeout(deadline);
      return seen;
    },
  };
}
