using Microsoft.Win32.SafeHandles;

namespace Middlebox.Native;

/// <summary>To whom a file belongs.</summary>
public static class FileOwner
{
    /// <summary>The user id of an open file's owner.</summary>
    /// <exception cref="ErrnoException">The file cannot be asked.</exception>
    public static uint Of(SafeFileHandle file) =>
        Libc.statx(file, "", Libc.AT_EMPTY_PATH, Libc.STATX_UID, out var status) == 0
            ? status.stx_uid
            : throw ErrnoException.Last("statx");

    /// <summary>Gives a file to a group, and leaves its owner.</summary>
    /// <exception cref="ErrnoException">EPERM: this process is neither privileged nor in that group.</exception>
    public static void SetGroup(string path, uint group)
    {
        const uint Unchanged = uint.MaxValue;
        if (Libc.chown(path, Unchanged, group) < 0)
            throw ErrnoException.Last("chown", path);
    }

    /// <summary>Whether only root, or the user that this process runs as, can have written the owner's part of a file.</summary>
    public static bool IsTrusted(SafeFileHandle file) => Of(file) is var owner && (owner == 0 || owner == Libc.geteuid());
}
