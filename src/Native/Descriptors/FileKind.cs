namespace Middlebox.Native;

/// <summary>What a name in the file system stands for: the values of <c>S_IFMT</c> (inode(7)).</summary>
public enum FileKind : ushort
{
    Fifo = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    Socket = 0xC000,
}
