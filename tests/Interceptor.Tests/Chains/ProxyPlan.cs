using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Keys;

namespace Middlebox.Interceptor.Tests.Chains;

/// <summary>Which keys a simulated proxy has.</summary>
internal enum KeyKind
{
    None,
    Right,

    /// <summary>The right keys, but signing with the other one, as in the middle of a roll-over.</summary>
    Rolled,
    Wrong,
}

/// <summary>What a simulated proxy does with the connection.</summary>
internal enum Willingness
{
    Serve,
    Defer,
    Bypass,
    HalfShare,

    /// <summary>It serves, but has as many connections as it takes.</summary>
    Full,
}

/// <summary>How one proxy of a chain is configured.</summary>
internal sealed record ProxyPlan(
    ushort Id,
    bool IsExplicit,
    byte Preference,
    ClaimCarrier Carrier,
    KeyKind Keys,
    bool AcceptUnsigned,
    Willingness Willingness,
    int RepeatsWithMpCapable)
{
    public static SharedKeys RightKeys { get; } = Ring(first: 0x11, second: 0x22, signing: 1);

    private static SharedKeys RolledKeys { get; } = Ring(first: 0x11, second: 0x22, signing: 2);

    private static SharedKeys WrongKeys { get; } = Ring(first: 0x33, second: 0x44, signing: 1);

    public ExplicitSettings? Settings => IsExplicit
        ? new ExplicitSettings(Id, Preference, Carrier, Ring(Keys), AcceptUnsigned)
        : null;

    public static ProxyPlan Random(Random random, int index) => new(
        (ushort)(index + 1),
        random.Next(3) > 0,
        (byte)random.Next(8),
        random.Next(4) > 0 ? ClaimCarrier.Option : ClaimCarrier.CapableBit,
        (KeyKind)random.Next(4),
        random.Next(2) == 0,
        random.Next(2) == 0 ? Willingness.Serve : (Willingness)random.Next(5),
        random.Next(3) > 0 ? 10 : random.Next(3));

    private static SharedKeys? Ring(KeyKind kind) => kind switch
    {
        KeyKind.Right => RightKeys,
        KeyKind.Rolled => RolledKeys,
        KeyKind.Wrong => WrongKeys,
        _ => null,
    };

    private static SharedKeys Ring(byte first, byte second, byte signing)
    {
        var keys = new Dictionary<byte, byte[]>
        {
            [1] = [.. Enumerable.Repeat(first, 16)],
            [2] = [.. Enumerable.Repeat(second, 32)],
        };
        return new SharedKeys(keys, signing, [1, 2, 3, 4, 5, 6]);
    }
}
