using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Keys;

namespace Middlebox.Appliance.Options;

/// <summary>Collects the faults of a configuration under the path of a section.</summary>
internal sealed class OptionsCheck
{
    private readonly string _path;
    private readonly List<ConfigurationError> _errors;

    public OptionsCheck(string path)
        : this(path, [])
    {
    }

    private OptionsCheck(string path, List<ConfigurationError> errors)
    {
        _path = path;
        _errors = errors;
    }

    public IReadOnlyList<ConfigurationError> Errors => _errors;

    /// <summary>A check of a section below this one, which reports to the same list.</summary>
    public OptionsCheck Section(string key) => new($"{_path}:{key}", _errors);

    public void Require(string key, bool holds, string problem)
    {
        if (!holds)
            _errors.Add(new ConfigurationError($"{_path}:{key}", problem));
    }

    public void Range<T>(string key, T value, T lowest, T highest)
        where T : IComparable<T> =>
        Require(
            key,
            value.CompareTo(lowest) >= 0 && value.CompareTo(highest) <= 0,
            $"{value} is out of range; it must be {lowest} to {highest}");

    public void Prefix(string key, string value) =>
        Require(
            key,
            AddressPrefix.TryParse(value, out _),
            $"'{value}' is no prefix; write any, or network/length such as 198.18.0.0/15, with no bits set behind the length");

    /// <summary>An address of this host and a port.</summary>
    public void OwnEndpoint(string key, string value, int examplePort) =>
        Require(
            key,
            HostEndpoint.TryParse(value, out var endpoint) && endpoint.Port.Value > 0 && !IsWildcard(endpoint.Address),
            $"'{value}' must be an own address and a port, such as 203.0.113.7:{examplePort} or [2001:db8::7]:{examplePort}, and no wildcard");

    /// <summary>Whether an address stands for all of a host's.</summary>
    public static bool IsWildcard(HostAddress address) => address == default || address == HostAddress.FromIpv4([0, 0, 0, 0]);

    /// <summary>A file of shared keys.</summary>
    /// <returns>The keys; null for no file, or a faulty one.</returns>
    public SharedKeys? Keys(string key, string path)
    {
        if (path.Length == 0)
            return null;
        var problems = SharedKeyFile.Read(path, out var keys);
        foreach (var problem in problems)
            Require(key, false, problem);
        return keys;
    }

    public void Name(string key, string value, int longest) =>
        Require(
            key,
            value.Length >= 1 && value.Length <= longest
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'),
            $"'{value}' must be 1 to {longest} letters, digits, - and _");
}
