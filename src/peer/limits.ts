/**
 * Bounds of what a peer keeps and waits for, beside those of the wire in `protocol/limits.ts`. Sizes are bytes,
 * times milliseconds.
 */
const KiB = 1024;
const MiB = 1024 * KiB;

/** Reaching members, and staying connected. */
export const meshLimits = {
  /** Addresses that are kept of one member, and that this peer tells of itself. */
  addresses: 8,
  /** Hearsay goes behind so many of those that are known, so that there is always room for it. */
  firmAddresses: 4,
  /** Addresses at which members were just heard on the local network, for each member. */
  heardAddresses: 2,
  /** Dials under way at a time, whomever they are for. */
  dials: 16,
  /** Until a dialled address has proved a key, and until it has answered the greeting. */
  dialMs: 5_000,
  helloMs: 10_000,
  /** The wait before another attempt is drawn below a ceiling that doubles from the first to the last of these. */
  backoffFirstMs: 1_000,
  backoffLastMs: 60_000,
  /** And is never shorter: whoever lets this peer in and hangs up is not dialled in a circle. */
  backoffLeastMs: 100,
  /** A connection that lasted so long has proved that it is worth dialling at once. */
  steadyMs: 30_000,
  /** Two connections of one member that begin within this time were dialled at once; else the older one is dead. */
  simultaneousMs: 15_000,
  /** How long a member that is connected may take to show that it is there, when somebody else calls with its key. */
  aliveMs: 2_000,
  /** Removals that one connection may tell of: their signatures are checked. An honest one tells of its end, once. */
  farewells: 4,
  /** How often one member may connect: each time others are told, and ask. */
  calls: { burst: 30, everyMs: 2_000 },
  /** Dials of what was heard: whoever floods the local network makes this peer dial no more often. */
  heardDials: { burst: 30, everyMs: 2_000 },
  /** One address that was heard is not tried again sooner. */
  heardAgainMs: 30_000,
  /** How long a fresh peer waits for answers on the local network while members are missing. */
  firstAnswersMs: 1_000,
  /** Room of others: who does not answer at once is shown without. */
  spaceMs: 1_000,
  /** It is asked for whenever somebody looks at the peers. */
  spaceFreshMs: 10_000,
  /** How fast members move bytes is told between two looks that lie so far apart: less says more about chance. */
  rateLeastMs: 900,
  /** And no further: what passed longer ago tells nothing about now. */
  rateMostMs: 5_000,
} as const;

/** Dialling members that ask whether they can be reached. */
export const dialBackLimits = {
  /** For all askers together, and for one: the 8 addresses that it may name, and the host that it is seen at. */
  atOnce: { total: 18, each: 9 },
  /** How often one member may ask. */
  asked: { burst: 4, everyMs: 15_000 },
  /** After so long it is told that somebody is not reached where nothing else is told: longer than any dial takes. */
  untoldMs: 5_500,
  /** How long the asker waits: a dial that is not answered takes its time. */
  answerMs: 12_000,
} as const;

/** Work for other members. */
export const serveLimits = {
  /** Requests that the disk works on at once; the rest waits, and its askers have their turns in order. */
  requests: { total: 32, each: 24 },
  /** Scans: each reads a whole shard. */
  scans: { total: 2, each: 1 },
  /** An asker whose scan waits for its turn is told so often that it does. */
  scanWaitsMs: 30_000,
  /** Shards that one author may have under way at one holder, and how long an upload may pause. */
  stagings: 128,
  stagingMs: 60 * 60_000,
  /** Segments of what all authors, and one of them, have under way: 33 bytes of memory each. Of 1 MiB, these are 8 and 4 TiB. */
  stagedSegments: { total: 2 ** 23, each: 2 ** 22 },
  /** A share of more segments has to cut them as large as all versions do: their hashes are kept in memory. */
  smallSegments: 4096,
  leastSegmentBytes: 512 * KiB,
} as const;

/** Taking over what others have learned, and telling it. */
export const syncLimits = {
  /** Who waits for the news of a member waits so long: some feed them without end, or none. */
  newsMs: 15_000,
  /** Runs of records, and of facts, on a page that are taken in one after the other. */
  mostRuns: 8,
  /** After a page that brought nothing new: so many times as long as it took to find that out. */
  uselessRest: 3,
  /** One answer stays below the limit of a message, whatever the entries are. */
  pageBytes: 512 * KiB,
  /** Entries asked for at a time: what is under way, and what is being checked, stays below half a megabyte. */
  entriesAtOnce: 256,
  /** Entries whose signatures are computed at a time: enough for the pool, and a moment for the event loop. */
  checkedAtOnce: 32,
  /** Between two pulls from one peer that tells news meanwhile. */
  restMs: 50,
  /** Members of whom one peer may tell other addresses: each is a write. */
  hearsay: { burst: 1024, everyMs: 1_000 },
} as const;

/** Members that give wrong pieces. */
export const blameLimits = {
  /** Of whom it is remembered; who did so longest ago is forgotten. */
  members: 1024,
  /** From so many on one is shunned, for as long as the first of these, then twice as long each time up to the last. */
  patience: 3,
  firstMs: 10 * 60_000,
  lastMs: 24 * 60 * 60_000,
} as const;

/** Threads of transfers that are kept for the next one. */
export const threadLimits = {
  idle: 2,
  /** How long one is kept, unused. */
  idleMs: 30_000,
} as const;

/** Reading parts of shares, and what is kept to read on. */
export const readLimits = {
  /** Most bytes that one read answers. */
  answerBytes: 4 * MiB,
  /** Shares that stay open. */
  shares: 16,
  /** Trees that the thread keeps. */
  trees: 4,
  treeBytes: 64 * MiB,
  /** Segments that are kept as plaintext, and how long after the last read. */
  segments: 8,
  forgetMs: 30_000,
  /** Segments that are fetched at once. */
  atOnce: 8,
  /** Holders come and go: after so long they are looked up anew. */
  freshMs: 5_000,
  readMs: 60_000,
  /** Of the thread: until it answers; and unused until it is ended, since it holds trees and the kernel's memory. */
  callMs: 60_000,
  idleMs: 60_000,
} as const;

/** A peer as a whole. */
export const peerLimits = {
  /** How long a fresh peer waits for its first connections before it answers what depends on them. */
  settleMs: 5_000,
  joinMs: 15_000,
  /** How long a download that lacks shards waits for holders that may come. */
  reachMs: 15_000,
  /** How often a holder looks after what it is still receiving, and what is deleted. */
  sweepMs: 10 * 60_000,
  /** How often an author looks after old versions of what it shared. */
  trimMs: 24 * 60 * 60_000,
  /** How long cancelled transfers may take to clean up when the peer ends. */
  closeMs: 3_000,
} as const;

/** Asking another peer as a holder. */
export const holderLimits = {
  /** Disks may be slow to fsync a large shard, or to read one through; a silent peer is told apart by its keepalive. */
  durableMs: 120_000,
  pieceMs: 20_000,
} as const;

/** One share under way. */
export const shareLimits = {
  /** Segments in memory at once: encoded, and on the way. */
  segmentsInFlight: 10,
  /** Pieces on the way to one holder; more than one keeps the line busy while the holder writes. */
  window: 8,
  /** A holder that cannot be reached rests, longer each time, and is given up when a piece has failed so often. */
  strikes: 4,
  firstRestMs: 250,
  /** Ids that are drawn at most until the chosen holders come first: some tens of milliseconds in a group of twenty. */
  draws: 1000,
} as const;

/** Files that look like secrets. */
export const secretLimits = {
  /** Bytes of a file that are looked at: what keys of all kinds begin with, behind a few lines of comment. */
  headBytes: KiB,
  /** What is larger, or smaller, is no key: these take some hundred bytes to a few KiB. */
  leastKeyBytes: 40,
  mostKeyBytes: 64 * KiB,
  /** Those that a refusal names. */
  named: 20,
} as const;

/** Asking git what is checked out: what is shared does not wait for a slow disk or a huge repository. */
export const gitLimits = {
  answerMs: 3_000,
  /** Of what git prints. */
  outputBytes: 4 * MiB,
} as const;

/** One download under way. */
export const getLimits = {
  /** Segments between the first request and the disk: see `Window`. As many are to be done after the last byte. */
  segmentsAtFirst: 2,
  segmentsInFlight: 9,
  /** So many in any case, once they are no larger a part than this of what has come since the start. */
  segmentsAtHand: 4,
  mayBeInVain: 0.03,
  /** Segments that may be done ahead of the first that is not: they wait in memory to be hashed in order. */
  segmentsAhead: 36,
  /**
   * A piece that takes so many times as long as is usual, with its holder and with the quickest, is asked for elsewhere as
   * well; between these bounds, looked at so often.
   */
  hedgeFactor: 4,
  hedgeLeastMs: 150,
  hedgeMostMs: 400,
  hedgeEveryMs: 50,
  /** A holder that does not answer rests, longer each time, and is given up when it has failed so often in a row. */
  strikes: 4,
  firstRestMs: 250,
  /** Pages of hashes that are kept, of 64 KiB at most. */
  hashPages: 64,
  /** The answer may stand behind pieces that were asked for before it. */
  hashesMs: 20_000,
} as const;

/** Transfers, and what they wait for. */
export const transferLimits = {
  running: 64,
  /** At their end, and remembered. */
  ended: 200,
  /** Between two words of how far one is. */
  refreshMs: 250,
  /** How long one that lacks peers waits without moving, and how often it looks for itself. */
  patienceMs: 60_000,
  lookAgainMs: 5_000,
  /** Peers that come back come together: so long after the first. */
  gatherMs: 300,
  /** One that is over sooner leaves nothing on the disk: it would cost more than to begin it anew. */
  writeAfterMs: 250,
  /** One of so few segments is begun anew when it is interrupted: to keep it would take longer. */
  smallSegments: 8,
} as const;

/** Keeping shards whole and in their places. */
export const repairLimits = {
  /** Repair waits for transfers: how often it is looked whether they have ended. */
  transfersEveryMs: 250,
  /** Until a colleague answers: it looks at its disk first, and perhaps at what others hold. */
  answerMs: 60_000,
  /** Pieces that are looked at in one go, about 8 MiB at most. */
  piecesAtOnce: 16,
  /** Segments of a shard that is made, between the first request and the disk. */
  segmentsInFlight: 4,
  /** Shards that wait to be taken, and those whose end is still told. */
  jobs: 256,
  /** How long the end of one is remembered for whoever asks: by then the shard may have rotted, or be gone again. */
  rememberMs: 60_000,
  /** Of one step of the scrub: enough to get through small disks, and over in a few seconds on a slow one. */
  leastStepBytes: 1 << 20,
  mostStepBytes: 64 << 20,
  /** How long the list of what is held is used again. */
  listMs: 60 * 60_000,
  /** How often the place of the scrub is written down: what is looked at twice after a crash does no harm. */
  placeEveryMs: 10 * 60_000,
  /** A tick that comes much later than it should: the machine slept, and nobody was looked for meanwhile. */
  longestTickMs: 5 * 60_000,
  /** How often the absences that were counted are written down. */
  absencesEveryMs: 5 * 60_000,
  /** Shares whose holders are looked up at a time. */
  sharesAtOnce: 200,
  /** Shards of one holder that are held against its disk at a time. */
  inventoryAtOnce: 500,
  /** Moves of one round: newcomers get their part slowly. */
  movesAtOnce: 1,
  /** How often others are asked to look at a share of which shards were found damaged, beside all else; and for how long. */
  lookAgainMs: 30_000,
  lookForMs: 20_000,
  /** Rounds after which all is looked through although nothing is known to have changed. */
  quietRounds: 10,
  /** Reports of damage that are kept; the oldest are forgotten, and found again. */
  reports: 10_000,
  /** Between two questions how far a shard is. */
  firstPollMs: 50,
  longestPollMs: 2_000,
  /** Who has not asked for so long does not wait for the end any more. */
  askerMs: 10_000,
  /** Each time that a share could not be repaired doubles the wait for the next, up to so many. */
  failuresThatCount: 6,
  /** A taker that gets no further for so long is given up. Others come before it in its queue. */
  stallMs: 10 * 60_000,
  /** Slower than that nobody makes a shard once it has begun. */
  leastBytesPerSecond: 16 * KiB,
  stallWhenAwaitedMs: 60_000,
} as const;

/** What members can make others keep of the roster, and how admins take turns. */
export const membershipLimits = {
  /** Places in the chain of one signer: some hundred removals from a large group, about 20 MB. */
  places: 32_768,
  /** Two records at one place are proof of misuse, and a third says no more. */
  atPlace: 2,
  /** Records of one signer in all: two a place, and among them those that a removal calls for. */
  ofSigner: 65_536,
  /** Records of all whom one admin of the founder's brought in, so that a flood by its creatures stays its own. */
  ofLine: 65_536,
  /** Records that came before those they rest on. Peers tell them in order: these are few. */
  waiting: 1024,
  /** Whoever removes somebody makes the new key in the same breath: only what is missing still is to be made up for. */
  keyRestMs: 2_000,
  /** Admins act one after the other, the most senior first, so that seldom two do the same. */
  keyTurnMs: 3_000,
  keyRetryMs: 60_000,
  /** Of an invite as it is typed. */
  inviteCharacters: 2048,
  /** Removals of seniors by one signer that are looked at: each costs a walk through all records. */
  trials: 8,
  /** Epochs of one signer that are handed on although none of its grants counts: shares may be sealed with them. */
  voidEpochs: 8,
  /** Grants that are made in one go: some hundred milliseconds. */
  grants: 256,
} as const;

/** Having holders re-read what they have. */
export const verifyLimits = {
  /** Bad chunks that one report names. */
  badChunks: 1000,
  /** Of a check of all shares: those that are looked up at a time, and those that are named as not whole. */
  sharesAtOnce: 200,
  unsound: 1000,
  /** A check that takes longer than this, and than reading at half a MiB a second, is given up: it may never end. */
  patienceMs: 10 * 60_000,
} as const;

/** What is remembered of single pieces. */
export const traceLimits = {
  /** Shares of which it is; of the others what their receipts say counts again. */
  shares: 8,
  /** Runs of chunks of one share, over all its shards and states: some megabytes at most. */
  runs: 200_000,
} as const;

/** What is known of shares. */
export const catalogLimits = {
  /** Shares that are opened in one go when a key arrives. */
  openedAtOnce: 200,
  /** Shares of one name, or of one start of an id, that are told apart. */
  choices: 100,
  /** Versions of one file that can be told apart. */
  versions: 1000,
  /** Folders around a local file that are looked at. A path of 4,096 characters can have half as many; nobody has. */
  foldersAbove: 128,
  /** Shares of others that a local file is found by its name in. */
  namesakes: 100,
} as const;

/** Reading and writing files and folders. */
export const folderLimits = {
  /** Entries of one kind that a warning names. */
  named: 10,
  /** Longest file of rules that is read, bytes. */
  ruleFileBytes: 2 ** 20,
  /** Most rules that count in one folder: each name is held against all of them. */
  rules: 10_000,
  /**
   * Most places in one rule at which any number of folders may be: with each, the time that a name takes grows by
   * a power of its depth. In a repository of somebody else, that may be meant.
   */
  gaps: 2,
  /** Unsynced bytes at which the disk is asked to start: keeps the wait at the end short. */
  syncEveryBytes: 16 << 20,
  /** From so many files on, one flush of the file system costs less than one for each. */
  syncedAtOnceFrom: 64,
  syncMs: 10 * 60_000,
} as const;

/** Removing what is deleted, and old versions. */
export const deletionLimits = {
  /** Versions, and files with several of them, that are looked at in one go. */
  versionsAtOnce: 200,
  /** Shares that the store is asked about at a time. */
  sharesAtOnce: 500,
  /** A clock that has run for so long, and was not set by more than that, says how old something is. */
  clockSteadyMs: 60 * 60_000,
  clockDriftMs: 60_000,
} as const;
