namespace Middlebox.Interceptor.HostRole;

/// <summary>One rule of <see cref="HostProxyOptions.Rules"/>; all that it says must hold.</summary>
public sealed record HostProxyRuleOptions
{
    /// <value>Prefix of the server: any, or network/length such as 198.18.0.0/15. Default any.</value>
    public string Server { get; init; } = "any";

    /// <value>Ports of the server: any, or up to fifteen ports and ranges such as 80,443,8000-8999, of which a range counts twice. Default any.</value>
    public string Ports { get; init; } = "any";

    /// <value>Name or number of the user whose connections these are. Default empty: any.</value>
    public string User { get; init; } = "";

    /// <value>Control group (version 2) of the programs, below the root of the hierarchy, such as <c>user.slice</c>; with those below it. Default empty: any.</value>
    public string Cgroup { get; init; } = "";
}
