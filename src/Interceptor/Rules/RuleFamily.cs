namespace Middlebox.Interceptor.Rules;

/// <summary>Which of the two sets of tables a rule is for.</summary>
public enum RuleFamily
{
    IPv4,
    IPv6,
}
