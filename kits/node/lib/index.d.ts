/** JSON as Kassa sends it. `docs/openapi.json` describes each body. */
export type Json = { [field: string]: any };

/** The entries of the journal to return. A filter that is absent matches everything. */
export interface JournalFilters {
  kind?: "call" | "callback";
  method?: string;
  /** The path, exactly or up to a `*` at its end. */
  path?: string;
  /** The status of the answer. */
  status?: number;
  /** The session id. */
  session?: string;
  /** Only entries with a greater number. */
  after?: number;
  /** Maximum number of entries, up to 1000 (default: 1000). */
  limit?: number;
}

/**
 * A running `kassa dev`.
 *
 * If the kit started it, its standard input is a pipe from this process. So it stops when this process ends, even if
 * this process is killed.
 */
export class Kassa {
  private constructor();
  /** The base URL, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /**
   * Starts Kassa on a free port with further options of `kassa dev`, and resolves when it accepts requests. The binary
   * is the one that `KASSA_BIN` names, or the one of the platform package, or `kassa` on the PATH. If `KASSA_URL` is
   * set, it uses the Kassa at this URL instead.
   */
  static start(options?: { binary?: string; options?: string[] }): Promise<Kassa>;
  /** Uses a `kassa dev` that runs already, for example in a container. */
  static connect(url: string): Kassa;
  /** Creates a merchant that shares no data with others. Its clock is frozen. */
  newMerchant(name?: string): Promise<Merchant>;
  /** Stops Kassa if the kit started it, and waits until it has ended. */
  stop(): Promise<void>;
}

/** A merchant with its own data, clock, faults, journal and inbox. Give its credential to your shop. */
export class Merchant {
  private constructor();
  readonly url: string;
  readonly merchantId: string;
  readonly username: string;
  readonly password: string;
  /** The secret that signs callbacks. */
  readonly callbackSecret: string;
  /** The lab's page of this merchant, for a browser. */
  readonly labPage: string;
  /** Calls any path of Kassa with the merchant's credential, and returns the JSON of the answer. */
  call(method: string, path: string, body?: Json): Promise<any>;
  /** Creates a payment session and a page session for it, as your shop would. */
  createPageSession(options?: { merchantUrls?: Json; cart?: Json }): Promise<PageSession>;
  /** Returns a page session that your shop created. */
  pageSession(sessionId: string): PageSession;
  /** Reads the clock. */
  clock(): Promise<{ now: string; frozen: boolean }>;
  /** Sets the clock (an instant in RFC 3339), freezes it, or lets it run. */
  setClock(clock: { now?: string; frozen?: boolean }): Promise<{ now: string; frozen: boolean }>;
  /** Moves the clock forward by a duration in ISO 8601, such as `PT47H`. Returns the list of what happened. */
  advanceClock(by: string): Promise<Json[]>;
  /** Moves the clock forward to an instant in RFC 3339. Returns the list of what happened. */
  advanceClockTo(instant: string): Promise<Json[]>;
  /** Replaces all faults by these rules of callbacks and of API calls. */
  injectFaults(rules: { callbacks?: Json[]; calls?: Json[]; seed?: number }): Promise<Json>;
  /** Removes all faults. */
  clearFaults(): Promise<void>;
  /** Returns the entries of the journal that match all filters, oldest first. */
  journal(filters?: JournalFilters): Promise<Json[]>;
  /**
   * Waits until at least `count` entries of the journal match all filters, and returns them. `wait` is the maximum
   * number of seconds, up to 60 (default: 30).
   */
  waitForJournal(count: number, filters?: JournalFilters & { wait?: number }): Promise<Json[]>;
  /** Returns the messages that the sandbox did not send, oldest first. */
  inbox(): Promise<Json[]>;
  /** Ends the fraud check of a pending order: accepted. */
  acceptOrder(orderId: string): Promise<Json>;
  /** Ends the fraud check of a pending order: rejected. */
  rejectOrder(orderId: string): Promise<Json>;
  /** Authorizes a payment session without a page. Returns the authorization token. */
  approvePaymentSession(sessionId: string, email?: string): Promise<string>;
  /** Declines a payment session without a page. */
  declinePaymentSession(sessionId: string): Promise<void>;
  /** Deletes the merchant and all its data. */
  delete(): Promise<void>;
}

export type Action = "enter" | "approve" | "decline" | "error" | "back" | "cancel";

/** A page session, with the actions of its consumer. */
export class PageSession {
  private constructor();
  readonly id: string;
  /** The payment page, for a browser. It is known only if the kit created the page session. */
  readonly redirectUrl: string | undefined;
  /** The lab's page of this page session, for a browser. */
  readonly labPage: string;
  /** The consumer opens the payment page. Each action returns the page session as a read shows it. */
  enter(): Promise<Json>;
  /** The consumer pays. Some e-mail addresses select the outcome of the order. */
  approve(email?: string): Promise<Json>;
  /** The payment is declined. */
  decline(reason?: string): Promise<Json>;
  /** The payment fails technically. */
  error(reason?: string): Promise<Json>;
  /** The consumer presses Back. */
  back(): Promise<Json>;
  /** The consumer cancels. In a web shop this is the same as Back. */
  cancel(): Promise<Json>;
  /** Acts as the consumer. */
  act(action: Action, body?: Json): Promise<Json>;
  /** Reads the page session, as your shop would. */
  read(): Promise<Json>;
  /** Reads the status, such as `COMPLETED`. */
  status(): Promise<string>;
  /** Returns the events, oldest first. */
  history(): Promise<Json[]>;
  /** Waits until Kassa made at least `count` attempts of callbacks. Returns their entries of the journal. */
  waitForCallbacks(count?: number): Promise<Json[]>;
  /** Waits until at least `count` messages with the link were sent to the consumer, and returns them. */
  waitForMessages(count?: number): Promise<Json[]>;
}

/** Kassa could not be found, started or reached, or its answer could not be read. */
export class KassaError extends Error {}

/** Kassa answered a call with an error. */
export class KassaRefused extends KassaError {
  readonly status: number;
  /** The code of the error, such as `NOT_FOUND`. */
  readonly code: string;
  readonly body: any;
}

/** The journal or the inbox did not show the expected entries in time. */
export class KassaTimedOut extends KassaError {}

/** The payment session that `createPageSession` creates. */
export const SAMPLE_CART: Json;
