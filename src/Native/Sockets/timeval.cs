namespace Middlebox.Native;

/// <summary>struct timeval of select(2).</summary>
public struct timeval
{
    public long tv_sec;
    public long tv_usec;
}
