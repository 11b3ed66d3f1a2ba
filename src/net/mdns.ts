import Bonjour, { type ServiceConfig } from 'bonjour-service';
import * as z from 'zod';
import { DisposableStore, toDisposable, type Disposable } from '../common/disposable.js';
import { PeerError } from '../common/errors.js';
import type { Logger } from '../common/logger.js';
import { systemTime, type Time } from '../common/time.js';
import { discoveryLimits } from '../protocol/limits.js';
import type { Discovery, Presence, Sighting } from './discovery.js';
import { LanSocket } from './lanSocket.js';

const type = 'chunkpart';
/** The label as it lies in a packet: most of what a local network says is not for us. */
const marker = Buffer.from(`\x0a_${type}`);

export interface MdnsOptions {
  readonly group: string;
  readonly port: number;
  readonly time: Time;
}

const usual: MdnsOptions = { group: '224.0.0.251', port: 5353, time: systemTime };

/** What an announcement looks like that may be one of ours. */
const serviceSchema = z.object({
  name: z.string().regex(/^[0-9a-f]{16}$/),
  port: z.number().int().min(1).max(0xffff),
  txt: z.object({ t: z.string().regex(/^[\w-]{22}$/) }),
  referer: z.object({ address: z.ipv4() }),
});

/** Finds peers by multicast DNS, IPv4. */
export class MdnsDiscovery implements Discovery {
  /** What went wrong is told once: it will again, at every attempt. */
  readonly #told = new Set<string>();

  constructor(
    private readonly logger: Logger,
    private readonly options: MdnsOptions = usual,
  ) {}

  start(presence: Presence, onSighting: (sighting: Sighting) => void): Disposable {
    const { group, port, time } = this.options;
    const parts = new DisposableStore();
    const onError = (error: unknown): void => {
      this.#tell(error);
    };
    LanSocket.open({
      group,
      port,
      marker,
      time,
      onError,
      ...(presence.host !== undefined && { host: presence.host }),
    })
      .then((socket) => {
        if (parts.disposed) socket.close();
        else parts.add(new MdnsSession(socket, { presence, onSighting, port, time }));
      })
      .catch(onError);
    return parts;
  }

  #tell(error: unknown): void {
    const { code, message } = PeerError.from(error);
    const reason = (error as NodeJS.ErrnoException | null)?.code ?? code;
    if (this.#told.has(reason)) return;
    this.#told.add(reason);
    this.logger.warn('peers on the local network may not be found:', reason, message);
  }
}

interface SessionOptions {
  readonly presence: Presence;
  readonly onSighting: (sighting: Sighting) => void;
  readonly port: number;
  readonly time: Time;
}

/** Announces over one socket, and asks again and again who is there. */
class MdnsSession implements Disposable {
  readonly #bonjour: Bonjour;
  #round = new DisposableStore();
  #rounds = 0;

  constructor(
    socket: LanSocket,
    private readonly options: SessionOptions,
  ) {
    const { instance, port, tag } = options.presence;
    // It takes the options of `multicast-dns` as well: the socket is bound, and a member of the group, already.
    const config: Partial<ServiceConfig> & object = {
      port: options.port,
      ...{ socket, bind: false, multicast: false },
    };
    this.#bonjour = new Bonjour(config);
    this.#bonjour.publish({
      name: instance,
      type,
      port,
      host: `${instance}.local`, // the usual one is the name of this machine
      txt: { t: tag },
      probe: false, // the name is random
      disableIPv6: true,
    });
    this.#ask();
  }

  dispose(): void {
    this.#round.dispose();
    this.#bonjour.unpublishAll();
    // The farewell is written in the next turn.
    setImmediate(() => {
      this.#bonjour.destroy();
    });
  }

  #ask(): void {
    this.#round = new DisposableStore();
    // A new browser each time: the one before remembers every name that it ever heard.
    const browser = this.#bonjour.find({ type });
    this.#round.add(
      toDisposable(() => {
        browser.stop();
      }),
    );
    const onService = (service: unknown): void => {
      browser.services.length = 0; // nothing is kept, so that everything that is announced is told
      this.#see(service);
    };
    browser.on('up', onService).on('srv-update', onService).on('txt-update', onService);
    const { askAgainMs } = discoveryLimits;
    const wait = askAgainMs[Math.min(this.#rounds++, askAgainMs.length - 1)] ?? 0;
    this.#round.add(
      this.options.time.after(wait, () => {
        this.#round.dispose();
        this.#ask();
      }),
    );
  }

  #see(service: unknown): void {
    const { presence, onSighting } = this.options;
    const { data } = serviceSchema.safeParse(service);
    if (data === undefined || data.name === presence.instance) return;
    onSighting({
      instance: data.name,
      tag: data.txt.t,
      port: data.port,
      host: data.referer.address,
    });
  }
}
