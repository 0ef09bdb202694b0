using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Middleware.Sending;

/// <summary>The refusal of a receiver's certificate, with its reasons in the message.</summary>
internal sealed class CertificateRefusedException(string message) : AuthenticationException(message);

/// <summary>
/// Applies the platform's verdict on a receiver's certificate. A refusal is an exception with its reasons, so that it reaches the attempt whose
/// connection it ends. By the verdict alone the platform names flags, or nothing.
/// </summary>
internal static class CertificateCheck
{
    /// <summary>A <see cref="RemoteCertificateValidationCallback"/>.</summary>
    /// <exception cref="CertificateRefusedException">The certificate is refused.</exception>
    public static bool Accept(object connection, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None
            ? true
            : throw new CertificateRefusedException(certificate is X509Certificate2 shown && chain is not null
                ? $"the receiver's certificate {string.Join("; ", Faults(shown, chain, errors, ((SslStream)connection).TargetHostName))}"
                : "the receiver shows no certificate");

    private static IEnumerable<string> Faults(X509Certificate2 shown, X509Chain chain, SslPolicyErrors errors, string host)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            yield return $"is for {Names(shown)}, not for {host}";
        }

        foreach (var element in chain.ChainElements)
        {
            var certificate = element.Certificate;
            var whose = certificate.Equals(shown) ? "" : $"has an issuer, {certificate.Subject}, that ";
            foreach (var status in element.ChainElementStatus)
            {
                yield return whose + (status.Status switch
                {
                    X509ChainStatusFlags.NotTimeValid => Lifetime(certificate, chain.ChainPolicy.VerificationTime),
                    X509ChainStatusFlags.UntrustedRoot when chain.ChainElements.Count == 1 => "is self-signed and not trusted here",
                    X509ChainStatusFlags.UntrustedRoot => "is not trusted here",
                    X509ChainStatusFlags.PartialChain => $"is issued by {certificate.Issuer}, which is neither sent along nor known here",
                    _ => $"is refused: {status.StatusInformation.Trim()}",
                });
            }
        }
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString())))
            .Take(5)
            .ToList();
        return names is [] ? certificate.Subject : string.Join(", ", names);
    }

    private static string Lifetime(X509Certificate2 certificate, DateTime now) => certificate.NotAfter < now
        ? string.Create(CultureInfo.InvariantCulture, $"expired at {certificate.NotAfter.ToUniversalTime():u}")
        : string.Create(CultureInfo.InvariantCulture, $"is not valid before {certificate.NotBefore.ToUniversalTime():u}");
}
