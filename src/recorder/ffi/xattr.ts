/** Extended attributes: Node has no call for them. */
import koffi from "koffi";

/** The attribute's bytes; undefined where the file has none of that name, or cannot be asked. */
export function extendedAttribute(path: string, name: string): Uint8Array | undefined {
  const libc = koffi.load(null);
  const getxattr = libc.func("long getxattr(const char *path, const char *name, void *value, size_t size)");
  const value = Buffer.alloc(MAX_ATTRIBUTE_BYTES);
  const length = Number(getxattr(path, name, value, value.length));
  return length < 0 ? undefined : value.subarray(0, length);
}

/** Far more than a capability set needs (24 bytes). */
const MAX_ATTRIBUTE_BYTES = 256;
