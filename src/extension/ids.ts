/** Every id shared with package.json. test/unit/extension/manifest.test.ts keeps the two in step. */

export const CommandId = {
  Trace: "faultline.trace",
  TraceProcess: "faultline.traceProcess",
  OpenTrace: "faultline.openTrace",
  ClearTrace: "faultline.clearTrace",
  ShowMemoryMap: "faultline.showMemoryMap",
  ShowBinaryLayout: "faultline.showBinaryLayout",
  /** While a recording runs. */
  PauseRecording: "faultline.pauseRecording",
  ResumeRecording: "faultline.resumeRecording",
  StopRecording: "faultline.stopRecording",
  CancelRecording: "faultline.cancelRecording",
  /** Asks again what to run. */
  ChooseProgram: "faultline.chooseProgram",
  LocateSource: "faultline.locateSource",
  OpenExample: "faultline.openExample",
  ShowLog: "faultline.showLog",
  /** In the tree of faults. */
  GroupFaults: "faultline.groupFaults",
  SortFaults: "faultline.sortFaults",
  FilterFaults: "faultline.filterFaults",
  RevealSource: "faultline.revealSource",
  RevealOnMap: "faultline.revealOnMap",
  /** In the trace library. */
  RefreshTraces: "faultline.refreshTraces",
  RenameTrace: "faultline.renameTrace",
  DeleteTrace: "faultline.deleteTrace",
  ExportHtml: "faultline.exportHtml",
  /** Locked memory. */
  FindWhatToLock: "faultline.findWhatToLock",
  ProveFaultFree: "faultline.proveFaultFree",
  ShowLockSet: "faultline.showLockSet",
  CopyLockSetItem: "faultline.copyLockSetItem",
  CopyLockSetCode: "faultline.copyLockSetCode",
  InsertLockSetCode: "faultline.insertLockSetCode",
  LockProcess: "faultline.lockProcess",
  WatchLockedMemory: "faultline.watchLockedMemory",
  /** Placements. */
  Place: "faultline.place",
  PlaceWithReach: "faultline.placeWithReach",
  PlaceByScript: "faultline.placeByScript",
  RemovePlacement: "faultline.removePlacement",
  MarkCritical: "faultline.markCritical",
  VerifyPlacements: "faultline.verifyPlacements",
  /** Linker scripts. */
  ShowPlacingStatement: "faultline.showPlacingStatement",
} as const;
export type CommandId = (typeof CommandId)[keyof typeof CommandId];

export const ViewId = {
  Container: "faultline",
  Faults: "faultline.faults",
  Traces: "faultline.traces",
  LockSet: "faultline.lockSet",
  LockedMemory: "faultline.lockedMemory",
  Placements: "faultline.placements",
} as const;

export const CustomEditorId = {
  PerfData: "faultline.perfData",
  BinaryLayout: "faultline.binaryLayout",
} as const;

/** A panel that comes back after a restart: its activation event names it. */
export const PanelId = {
  MemoryMap: "faultline.memoryMap",
} as const;

/** Not "linkerscript", which other extensions have. */
export const LanguageId = {
  LinkerScript: "faultline-ldscript",
} as const;

export const WalkthroughId = "faultline.start";

/** Context keys that `when` clauses ask. */
export const ContextKey = {
  HasTrace: "faultline.hasTrace",
  Recording: "faultline.recording",
  Paused: "faultline.paused",
  /** The kernel refused; the welcome view says what to do. */
  Refused: "faultline.refused",
  /** Not Linux: nothing can be traced here. Said this way round since no key is set before the extension runs. */
  Unsupported: "faultline.unsupported",
  HasLockSet: "faultline.hasLockSet",
  /** A process's locked memory is, or was, looked at. */
  WatchesMemory: "faultline.watchesMemory",
  /** faultline.json places something. */
  HasPlacements: "faultline.hasPlacements",
} as const;

/** Settings: a person's own preferences only; what belongs to a project is in faultline.json. */
export const SettingId = {
  InlineText: "faultline.inline.parts",
  InlineEnabled: "faultline.inline.enabled",
  GutterEnabled: "faultline.gutter.enabled",
  CodeLensEnabled: "faultline.codeLens.enabled",
  MapHeat: "faultline.map.heat",
  ScriptLensEnabled: "faultline.linkerScript.codeLens",
} as const;

export const ColorId = {
  Heat: ["faultline.heat1", "faultline.heat2", "faultline.heat3", "faultline.heat4"],
  Inline: "faultline.inlineText",
} as const;

/** The argument of RevealSource: a position as reports give it. */
export interface SourceTarget {
  /** Path after the source map. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The editor's column; the active one without it. */
  readonly column?: number;
  /** Shown, while the keyboard stays where it is. */
  readonly preserveFocus?: boolean;
}

/** The argument of RevealOnMap: what to select, by what of it is known. */
export interface MapTarget {
  readonly pid?: number;
  /** "0x…" run-time address of a page. */
  readonly address?: string;
  /** Name of a memory object or function. */
  readonly object?: string;
  /** Path of the image or file, or the region's name. */
  readonly region?: string;
  readonly section?: string;
}
