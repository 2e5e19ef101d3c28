namespace Middlebox.ProxyEngine.Survival;

/// <summary>What a relay thread is doing with bytes.</summary>
internal enum RelayOperationKind
{
    None,
    Send,
    Consume,
}
