/** Finding what to lock, proving it, and locking running processes: their commands and views. */
import * as vscode from "vscode";
import { CommandId, ViewId } from "../ids.js";
import type { Services } from "../services.js";
import { tracePathOf } from "../views/trace-argument.js";
import { CampaignCommands } from "./campaign-commands.js";
import { LockProcess } from "./lock-process.js";
import { LockedMemoryView } from "./locked-memory-view.js";
import { keptLockSet, LockSetStore } from "./lock-set-store.js";
import { registerLockSetCode } from "./lock-set-code.js";
import { registerLockSetView } from "./lock-set-view.js";
import { ProofDocuments } from "./proof-documents.js";

/** For the tests inside the extension host, too. */
export interface MemlockPart extends vscode.Disposable {
  readonly lockSet: LockSetStore;
  readonly lockedMemory: LockedMemoryView;
}

export function registerMemlock(services: Services): MemlockPart {
  const lockSet = new LockSetStore();
  const lockedMemory = new LockedMemoryView();
  const processes = new LockProcess(services, lockSet, lockedMemory);
  const proofs = new ProofDocuments();
  const campaigns = new CampaignCommands(services, lockSet, proofs);
  const parts = vscode.Disposable.from(
    lockSet,
    lockedMemory,
    proofs,
    registerLockSetView(lockSet),
    registerLockSetCode(services, lockSet),
    vscode.commands.registerCommand(CommandId.FindWhatToLock, () => campaigns.findWhatToLock()),
    vscode.commands.registerCommand(CommandId.ProveFaultFree, () => campaigns.proveFaultFree()),
    vscode.commands.registerCommand(CommandId.LockProcess, () => processes.lock()),
    vscode.commands.registerCommand(CommandId.WatchLockedMemory, () => processes.watch()),
    vscode.commands.registerCommand(CommandId.ShowLockSet, async (argument: unknown) => {
      const path = tracePathOf(argument) ?? services.traces.current?.path;
      if (path === undefined) return;
      const set = await keptLockSet(path);
      if (set === undefined) {
        const find = vscode.l10n.t("Find What to Lock");
        const sentence = vscode.l10n.t("This trace was not made to find what to lock.");
        const answer = await vscode.window.showInformationMessage(sentence, find);
        if (answer === find) await campaigns.findWhatToLock();
        return;
      }
      lockSet.show(set);
      await vscode.commands.executeCommand(`${ViewId.LockSet}.focus`);
    }),
  );
  return { lockSet, lockedMemory, dispose: () => parts.dispose() };
}
