using System.Runtime.InteropServices;
using Middlebox.Native;

namespace Middlebox.ProxyEngine.Survival;

/// <summary>The call by which a relay thread is moving bytes right now, as far as there is one.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RelayOperation
{
    /// <summary>Written last before the call is made, and first after what came of it is in the flow's record.</summary>
    public RelayOperationKind Kind;

    /// <summary>Of the flow.</summary>
    public int Slot;

    public bool IsUp;

    /// <summary>Bytes to be consumed.</summary>
    public int Length;

    /// <summary>The count that the call adds to, as it was before.</summary>
    public long Before;

    public WrittenDownCall Call;
}
