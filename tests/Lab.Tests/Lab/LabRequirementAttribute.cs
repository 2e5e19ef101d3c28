using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using NUnit.Framework.Interfaces;

namespace Middlebox.Lab.Tests.Lab;

/// <summary>
/// Marks tests that build labs. On a machine that cannot, they say what is missing and are inconclusive; where the
/// environment says <c>CI=true</c> they fail, so that a pipeline cannot pass by testing nothing.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class LabRequirementAttribute : Attribute, ITestAction
{
    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
        var missing = LabRequirements.Missing();
        if (missing.Count > 0)
            Unmet("No lab can be built here. " + string.Join(' ', missing));
    }

    /// <summary>Ends a test that finds on its way that it cannot run here.</summary>
    /// <param name="message">What is missing.</param>
    [DoesNotReturn]
    public static void Unmet(string message)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(message);
        Assert.Inconclusive(message);
        throw new UnreachableException();
    }

    public void AfterTest(ITest test)
    {
    }
}
