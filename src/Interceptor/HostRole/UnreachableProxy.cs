namespace Middlebox.Interceptor.HostRole;

/// <summary>What becomes of a host's connections when its proxy does not answer.</summary>
public enum UnreachableProxy
{
    /// <summary>They go to their servers without it.</summary>
    Direct,

    /// <summary>They are refused.</summary>
    Refuse,
}
