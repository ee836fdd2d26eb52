/** Opens files of this machine as images, with their separate debug files. */
import { attempt } from "../core/base/errors.js";
import type { DebugRequest } from "../core/image/debug-provider.js";
import type { Image } from "../core/image/image.js";
import { openImage } from "../core/image/open-image.js";
import { DEFAULT_DEBUG_DIRECTORIES, debugFilesNow, fileNow, findDebugFile } from "./debug-files.js";
import { FileByteSource, NotAFileError, type FileIdentity } from "./file-source.js";

export interface ImageFileOptions {
  /** Where debug files lie, besides next to the file; the system's directories by default. */
  readonly debugDirectories?: readonly string[];
}

export interface OpenedImage {
  readonly ok: true;
  readonly image: Image;
  /** What the opened file is, to compare with what a trace has seen. */
  readonly identity: FileIdentity;
  /** Closes the files; the image answers no questions that need more of them. */
  readonly close: () => void;
  /** False when opening the path now would open other files. */
  readonly isCurrent: () => boolean;
}

export interface RefusedImage {
  readonly ok: false;
  readonly reason: "missing" | "not-permitted" | "not-a-file" | "not-elf" | "unreadable";
  /** One sentence for a person. */
  readonly message: string;
}

export function openImageFile(path: string, options: ImageFileOptions = {}): OpenedImage | RefusedImage {
  const file = openFile(path);
  if (!(file instanceof FileByteSource)) return file;
  const open = [file];
  const close = (): void => open.forEach((source) => source.close());
  const directories = options.debugDirectories ?? DEFAULT_DEBUG_DIRECTORIES;
  const before = fileNow(path);
  const looked: { readonly request: DebugRequest; readonly found: string }[] = [];
  const image = attempt(() =>
    openImage(file, path, (request) => {
      looked.push({ request, found: debugFilesNow(request, directories) });
      const found = findDebugFile(request, directories);
      if (found !== undefined) open.push(found.source);
      return found;
    }),
  );
  if (image.ok) {
    const isCurrent = (): boolean =>
      fileNow(path) === before && looked.every(({ request, found }) => debugFilesNow(request, directories) === found);
    return { ok: true, image: image.value, identity: file.identity, close, isCurrent };
  }
  close();
  return {
    ok: false,
    reason: "not-elf",
    message: `${path} is not an ELF file that can be read (${image.error.message}).`,
  };
}

function openFile(path: string): FileByteSource | RefusedImage {
  try {
    return FileByteSource.open(path);
  } catch (error) {
    if (error instanceof NotAFileError) return { ok: false, reason: "not-a-file", message: `${error.message}.` };
    return refusal(path, error);
  }
}

function refusal(path: string, error: unknown): RefusedImage {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return { ok: false, reason: "missing", message: `${path} does not exist here.` };
    case "EACCES":
    case "EPERM":
      return { ok: false, reason: "not-permitted", message: `${path} may not be read by this user.` };
    case "ENXIO":
      return { ok: false, reason: "not-a-file", message: `${path} is not a regular file.` };
    default:
      if (typeof code !== "string") throw error;
      return { ok: false, reason: "unreadable", message: `${path} can not be read (${code}).` };
  }
}
